//! What came of a delivery, and letting held work go.

use super::{HoldReason, Pass};
use crate::calendar::Timestamp;
use crate::mail::MailId;
use serde::{Deserialize, Serialize};

/// One try at a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began, by the sender's clock.
    pub started_at: Timestamp,
    /// How long it took, answer included, in milliseconds.
    pub duration_ms: u64,
    /// The outcome's stable code: `delivered`, or why not.
    pub code: String,
    /// The receiver's status, when there was an answer.
    pub status: Option<u16>,
    /// The media modes tried, in order: `json`, `form`.
    pub modes: Vec<String>,
    /// The size of the body sent, in bytes.
    pub payload_bytes: u64,
    /// SHA-256 of the body sent, hexadecimal: every attempt of a delivery has the same.
    pub payload_digest: String,
    /// The beginning of the answer, whitespace collapsed, at most 200 characters.
    pub snippet: Option<String>,
    /// The predecessor's word for the failure.
    pub failure_reason: Option<String>,
}

/// What happens to the delivery next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Next {
    /// Done.
    Delivered,
    /// Again at this instant.
    Retry(Timestamp),
    /// Never again by itself.
    Failed,
    /// Wait. Without an attempt this is the gate being closed, and no try is used.
    Hold {
        /// Why.
        reason: HoldReason,
        /// When to look again; `None` waits for the cause to go.
        until: Option<Timestamp>,
    },
    /// The receiver is gone for good: the target is disabled, and its deliveries wait.
    TargetGone,
}

/// What came of a leased delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The try, unless the gate was closed.
    pub attempt: Option<Attempt>,
    /// What is next.
    pub next: Next,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recorded {
    /// It stands.
    Applied,
    /// The lease was lost. The attempt is on record; a success ended the delivery all the same.
    Stale,
}

/// Which held work to let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// A mail and its deliveries, whatever holds them.
    Mail(MailId),
    /// Everything held for a reason since before an instant, or since one that the store's clock, set back meanwhile, has yet
    /// to show. The instant keeps a caller who asks again and again from meeting what was just held anew.
    Reason(HoldReason, Timestamp),
    /// The deliveries of a target; this enables the target again.
    Target(String),
}

/// Letting held work go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Which.
    pub which: Selection,
    /// How.
    pub pass: Pass,
}
