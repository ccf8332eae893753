//! Taking a mail.

use super::{RefusalReason, SkipReason};
use crate::calendar::Timestamp;
use crate::mail::{BodyDigest, EmailId, Mail, MailId, Source};
use serde::{Deserialize, Serialize};

/// A mail that asks to be taken, with the id it will have if it is new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewMail {
    /// Its own name in the ledger.
    pub id: MailId,
    /// The predecessor's id, half of the content claim.
    pub email_id: EmailId,
    /// The other half of the content claim.
    pub digest: BodyDigest,
    /// What it says.
    pub mail: Mail,
    /// The intake it came by.
    pub source: Source,
    /// When it was taken. Detectors, rules and the first look at the window use this instant.
    pub accepted_at: Timestamp,
}

/// Whether repeats are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dedup {
    /// A known mail is answered, not taken again.
    On,
    /// Claims are neither tested nor written; ids are still made.
    Off,
}

/// One mail per group and month, when the user switched that on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupClaim {
    /// `YYYY-MM:<group>`.
    pub key: String,
    /// When the group may be taken again.
    pub expires_at: Timestamp,
}

/// What the caller decided before it asked the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Take it. With a group, a second mail of the same group is taken and skipped.
    Accept {
        /// The group to claim, if any.
        group: Option<GroupClaim>,
    },
    /// Take it and end it at once: it is on record, and claimed.
    Skip(SkipReason),
    /// Leave it with the client, unless it is known.
    Refuse(RefusalReason),
}

/// The caller's decision and what it was based on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// The decision.
    pub verdict: Verdict,
    /// Whether repeats are looked for.
    pub dedup: Dedup,
    /// The configuration version the decision was made with.
    pub config_version: u64,
}

/// The ledger's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Admitted {
    /// Taken and on durable storage.
    Queued(MailId),
    /// Taken and ended at once.
    Skipped(MailId, SkipReason),
    /// Taken before.
    Known {
        /// The mail it repeats.
        mail: MailId,
        /// Whether that mail has reached an end state.
        ended: bool,
    },
    /// Not taken; nothing was written.
    Refused(RefusalReason),
    /// The configuration has changed since the decision. Nothing was written: read it again and decide again.
    StaleConfig {
        /// The version in force.
        current: u64,
    },
    /// Taken before, by an older server that kept no record of it here, and ended there.
    KnownElsewhere,
}
