//! What was decided about a mail.

use super::{DeliveryJob, HoldReason, LeaseToken, SkipReason};
use crate::calendar::Timestamp;
use crate::delivery::DeliveryId;
use crate::delivery::payload::Facts;
use crate::rules::Priority;
use serde::{Deserialize, Serialize};

/// The end of a mail's processing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Plan {
    /// Nothing is to be sent.
    Skip {
        /// Why.
        reason: SkipReason,
        /// What recognised the mail.
        detector: Option<String>,
    },
    /// The whole mail waits.
    Hold {
        /// Why.
        reason: HoldReason,
        /// When to look again; `None` waits for somebody or something to let it go.
        until: Option<Timestamp>,
        /// What recognised the mail.
        detector: Option<String>,
    },
    /// These deliveries are to be made. Never empty.
    Deliver {
        /// One for each target.
        deliveries: Vec<NewDelivery>,
        /// What recognised the mail.
        detector: Option<String>,
    },
}

/// A delivery to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewDelivery {
    /// Its stable id.
    pub id: DeliveryId,
    /// The target's key.
    pub target: String,
    /// Where it goes.
    pub url: String,
    /// How urgent it is.
    pub priority: Priority,
    /// What was decided, frozen from now on.
    #[serde(with = "crate::as_text")]
    pub facts: Facts,
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Planned {
    /// It stands. These deliveries are leased to the caller already, who has the mail at hand.
    Recorded(Vec<(LeaseToken, DeliveryJob)>),
    /// The lease was lost: somebody else decides.
    Stale,
}
