//! What the stores hold.

use crate::calendar::Timestamp;
use crate::config::DocumentKey;
use crate::delivery::DeliveryId;
use crate::ledger::{Attempt, DeliveryState, Fullness, LedgerError, MailState, NewDelivery, NewMail, Pass};
use crate::mail::MailId;
use crate::ports::{Loaded, StoredDocument};
use crate::rules::Priority;
use std::collections::BTreeMap;

/// Everything, by the numbers the store gives.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) mails: BTreeMap<i64, MailRow>,
    pub(super) deliveries: BTreeMap<i64, DeliveryRow>,
    pub(super) claims: BTreeMap<Claim, ClaimRow>,
    pub(super) schedule: BTreeMap<Work, Slot>,
    pub(super) disabled: BTreeMap<String, String>,
    pub(super) events: Vec<EventRow>,
    pub(super) documents: BTreeMap<DocumentKey, Vec<StoredDocument>>,
    pub(super) config_version: u64,
    /// What is read while the primary of the documents is lost.
    pub(super) copy: Option<Loaded>,
    pub(super) primary_lost: bool,
    /// Before how many admissions more the configuration changes.
    pub(super) restless: u64,
    pub(super) limit: Option<u64>,
    pub(super) last_mail: i64,
    pub(super) last_delivery: i64,
    pub(super) last_event: i64,
    pub(super) last_fence: i64,
}

#[derive(Debug)]
pub(super) struct MailRow {
    pub(super) new: NewMail,
    pub(super) body_bytes: u64,
    pub(super) body_kept: bool,
    pub(super) state: MailState,
    pub(super) reason: Option<String>,
    pub(super) detector: Option<String>,
    pub(super) released: Option<Pass>,
    pub(super) held_at: Option<Timestamp>,
    pub(super) hold_until: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct DeliveryRow {
    pub(super) mail: i64,
    pub(super) new: NewDelivery,
    pub(super) state: DeliveryState,
    pub(super) reason: Option<String>,
    pub(super) released: Option<Pass>,
    pub(super) failures: u32,
    pub(super) held_at: Option<Timestamp>,
    pub(super) hold_until: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) attempts: Vec<AttemptRow>,
}

#[derive(Debug)]
pub(super) struct AttemptRow {
    pub(super) attempt: Attempt,
    /// The lease it was made under: a report that is repeated is one attempt.
    pub(super) fence: i64,
    pub(super) stale: bool,
}

/// By what a mail is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    Message(String),
    Content(String, String),
    Group(String),
}

#[derive(Debug)]
pub(super) struct ClaimRow {
    pub(super) mail: i64,
    /// A content claim whose mail came without a `message_id`.
    pub(super) bare: bool,
    /// Of a group's claim only: the others end with their mail's record.
    pub(super) expires_at: Option<Timestamp>,
}

/// What can be leased. On the outside it is one number: twice the mail's, or twice the delivery's and one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Work {
    Mail(i64),
    Delivery(i64),
}

/// Work that is due some time, or leased.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) priority: Priority,
    pub(super) due_at: Timestamp,
    pub(super) lease_until: Option<Timestamp>,
    /// The lease given last, as long as nothing has made its holder stale.
    pub(super) fence: Option<i64>,
    /// How often it was handed out without an outcome.
    pub(super) leases: u32,
}

#[derive(Debug)]
pub(super) struct EventRow {
    pub(super) seq: i64,
    pub(super) at: Timestamp,
    pub(super) mail: i64,
    pub(super) delivery: Option<i64>,
    pub(super) kind: &'static str,
    pub(super) code: String,
}

impl Work {
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Mail(seq) => seq * 2,
            Self::Delivery(seq) => seq * 2 + 1,
        }
    }

    pub(super) const fn of(number: i64) -> Self {
        if number % 2 == 1 { Self::Delivery(number / 2) } else { Self::Mail(number / 2) }
    }
}

impl State {
    pub(super) fn mail(&mut self, seq: i64) -> Result<&mut MailRow, LedgerError> {
        self.mails.get_mut(&seq).ok_or_else(|| LedgerError::Corrupt("a mail is missing".to_owned()))
    }

    pub(super) fn delivery(&mut self, seq: i64) -> Result<&mut DeliveryRow, LedgerError> {
        self.deliveries.get_mut(&seq).ok_or_else(|| LedgerError::Corrupt("a delivery is missing".to_owned()))
    }

    pub(super) fn seq_of(&self, id: &MailId) -> Option<i64> {
        self.mails.iter().find(|(_, mail)| mail.new.id == *id).map(|(seq, _)| *seq)
    }

    pub(super) fn seq_of_delivery(&self, id: &DeliveryId) -> Option<i64> {
        self.deliveries.iter().find(|(_, delivery)| delivery.new.id == *id).map(|(seq, _)| *seq)
    }

    pub(super) fn deliveries_of(&self, mail: i64) -> impl Iterator<Item = (i64, &DeliveryRow)> {
        self.deliveries
            .iter()
            .filter(move |(_, delivery)| delivery.mail == mail)
            .map(|(seq, delivery)| (*seq, delivery))
    }

    /// The bodies kept, which are nearly all there is.
    pub(super) fn fullness(&self) -> Fullness {
        let kept = self.mails.values().filter(|mail| mail.body_kept);
        Fullness { used: kept.map(|mail| mail.body_bytes).sum(), limit: self.limit }
    }

    pub(super) fn event(&mut self, at: Timestamp, mail: i64, delivery: Option<i64>, kind: &'static str, code: &str) {
        self.last_event += 1;
        self.events.push(EventRow { seq: self.last_event, at, mail, delivery, kind, code: code.to_owned() });
    }
}
