//! Who works on what.

use crate::calendar::Timestamp;
use crate::delivery::DeliveryId;
use crate::delivery::payload::Facts;
use crate::mail::{EmailId, Mail, MailId, Source};
use crate::rules::Priority;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How long a lease lasts unless it is renewed.
pub const LEASE_TIME: Duration = Duration::from_mins(1);

/// Handed out so often without an outcome, work is given up: whoever takes it dies of it, and trying for ever would hide that.
pub const MOST_LEASES: u32 = 50;

/// The bodies of one batch together stay under this many KiB, unless the first alone is larger. On their way out of a Durable Object
/// they are in its memory several times over.
pub const BATCH_BODY_KIB: u32 = 8 << 10;

/// How often a holder renews: three times in a lease, so that one lost call costs nothing.
pub const RENEW_EVERY: Duration = Duration::from_secs(20);

/// How much work a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// At most this many items.
    pub max: u32,
    /// At most this many deliveries of one target in flight, over all callers.
    pub per_target: u32,
    /// The hourly limit of attempts over all targets, when one is set.
    pub hourly: Option<HourlyLimit>,
}

/// At most this many attempts in any 3,600 seconds. It delays work, never drops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HourlyLimit(pub u32);

/// The proof of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseToken {
    /// What is leased, as the store names it.
    pub work: i64,
    /// The fencing number: a later lease of anything has a larger one.
    pub fence: i64,
}

/// Work handed to a caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// The proof, needed to record anything.
    pub token: LeaseToken,
    /// When it ends, unless renewed, by the store's clock.
    pub until: Timestamp,
    /// The mail the work is about, with its body.
    pub mail: StoredMail,
    /// What is to be done.
    pub work: Work,
}

/// What is to be done with a mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// Decide what the mail means and where it goes.
    Process,
    /// Send one delivery.
    Deliver(Box<DeliveryJob>),
}

/// A mail as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredMail {
    /// Its name.
    pub id: MailId,
    /// The predecessor's id.
    pub email_id: EmailId,
    /// What it says.
    pub mail: Mail,
    /// The intake it came by.
    pub source: Source,
    /// When it was taken.
    pub accepted_at: Timestamp,
    /// How it was let go, when it was held before: `None` on its first processing.
    pub released: Option<Pass>,
}

/// How held work was let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pass {
    /// Because its time came or its cause may be gone: every check applies again, at the present time.
    Due,
    /// Because a person said so: it passes the window, the absence day and a rule's hold, but never a sending switch that is off.
    SendNow,
}

impl Pass {
    /// The word it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::SendNow => "send_now",
        }
    }

    /// Reads that word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "due" => Some(Self::Due),
            "send_now" => Some(Self::SendNow),
            _ => None,
        }
    }
}

/// One delivery to send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryJob {
    /// The stable id, sent as `webhook-id`.
    pub id: DeliveryId,
    /// The target's key.
    pub target: String,
    /// Where it goes, as it was decided.
    pub url: String,
    /// What was decided about the mail, frozen.
    #[serde(with = "crate::as_text")]
    pub facts: Facts,
    /// How urgent it is.
    pub priority: Priority,
    /// Attempts so far that count against the schedule.
    pub failures: u32,
    /// How it was let go, when it was held.
    pub released: Option<Pass>,
}

/// The answer to a request for work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The work, most urgent first. Its bodies together stay under [`BATCH_BODY_KIB`], or it has one.
    pub leases: Vec<Lease>,
    /// When there will be more: the earliest end of a lease, or due time of work whose target is below its cap. In the past
    /// when `max` cut the answer.
    pub next_due: Option<Timestamp>,
    /// Whether due work waits behind a full cap: a caller that gives a place back finds more.
    pub capped: bool,
    /// The configuration version in force.
    pub config_version: u64,
}
