//! What the ledger shows of itself.

use super::{Attempt, DeliveryState, MailState};
use crate::calendar::Timestamp;
use crate::delivery::DeliveryId;
use crate::mail::MailId;
use serde::{Deserialize, Serialize, Serializer};

/// A mail in a list. Subject and sender are in clear: whoever shows them checks who is asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSummary {
    /// Its name.
    pub id: MailId,
    /// The predecessor's id.
    pub email_id: String,
    /// When it was taken.
    pub accepted_at: Timestamp,
    /// The raw sender.
    pub sender: String,
    /// The raw subject.
    pub subject: String,
    /// The size of its body, in bytes.
    pub body_bytes: u64,
    /// Where it stands.
    pub state: MailState,
    /// Why, by its stable code.
    pub reason: Option<String>,
    /// What recognised it.
    pub detector: Option<String>,
    /// When it will be looked at again, while it is held.
    pub hold_until: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A delivery and its attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryView {
    /// Its stable id.
    pub id: DeliveryId,
    /// The target's key.
    pub target: String,
    /// Where it goes, in clear.
    pub url: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why, by its stable code.
    pub reason: Option<String>,
    /// When it is due next.
    pub due_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its attempts, oldest first.
    pub attempts: Vec<AttemptView>,
}

/// An attempt on record. In JSON its fields stand beside those of the attempt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AttemptView {
    /// As its sender reported it.
    pub attempt: Attempt,
    /// Whether its holder had lost the lease by then.
    pub stale: bool,
}

impl Serialize for AttemptView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            #[serde(flatten)]
            attempt: &'a Attempt,
            stale: bool,
        }
        let Self { attempt, stale } = self;
        if serializer.is_human_readable() {
            Shown { attempt, stale: *stale }.serialize(serializer)
        } else {
            (attempt, stale).serialize(serializer)
        }
    }
}

/// One step of a mail's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventView {
    /// Its place in the ledger's sequence.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What: `received`, `held`, `released`, `planned`, `attempt`, `ended`, `target_disabled`.
    pub kind: String,
    /// With which stable code.
    pub code: String,
    /// The delivery it is about.
    pub delivery: Option<DeliveryId>,
}

/// Everything on record about a mail, but its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailLife {
    /// The mail.
    pub mail: MailSummary,
    /// Gmail's id of the message.
    pub message_id: Option<String>,
    /// Its deliveries.
    pub deliveries: Vec<DeliveryView>,
    /// Its steps, oldest first.
    pub events: Vec<EventView>,
}

/// Which mails to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailFilter {
    /// Only those that stand here. `failed` finds every mail with a dead letter, though another delivery of it still waits.
    pub state: Option<MailState>,
    /// Only those whose sender or subject contains every word of this text, ignoring case. Words of fewer than three
    /// characters cannot be looked up and are ignored. A store without a text index looks at the newest mails only.
    pub text: Option<String>,
    /// Only those older than this one.
    pub before: Option<MailId>,
    /// At most this many, 1 to 500.
    pub limit: u32,
}

/// A page of mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPage {
    /// Newest first.
    pub mails: Vec<MailSummary>,
    /// Where the next page begins, when there is one.
    pub next: Option<MailId>,
    /// How many of the newest mails a search looked at, when it ended there with older ones left: they may match as well.
    pub searched: Option<u32>,
}

/// Counts and ages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Mails in each state.
    pub mails: Vec<(MailState, u64)>,
    /// Leased items.
    pub in_flight: u64,
    /// The earliest due time of free work.
    pub oldest_due: Option<Timestamp>,
    /// Targets that are disabled, with why.
    pub disabled_targets: Vec<(String, String)>,
}
