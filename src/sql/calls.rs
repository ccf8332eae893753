//! The stores at a distance: each step as a value, for a home whose store lives in another isolate.
//!
//! [`Call`] goes there as bytes, [`Store::answer`] runs it, and [`crate::sql::Remote`] is the ports on this side. JavaScript between
//! them sees bytes only, so that no number is rounded and no text is escaped.

use super::wire::{WireError, decode, encode};
use super::{Sql, Store};
use crate::delivery::DeliveryId;
use crate::ledger::{
    Admission, LeaseRequest, LeaseToken, LedgerError, MailFilter, NewMail, Plan, Release, Report, Retention,
};
use crate::mail::MailId;
use crate::ports::{ConfigError, Write};
use serde::{Deserialize, Serialize};

/// One step of the ledger or of the configuration store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Call {
    /// [`crate::ports::Ledger::admit`].
    Admit(Box<NewMail>, Admission),
    /// [`crate::ports::Ledger::lease_due`].
    LeaseDue(LeaseRequest),
    /// [`crate::ports::Ledger::renew`].
    Renew(LeaseToken),
    /// [`crate::ports::Ledger::plan`].
    Plan(LeaseToken, Plan, LeaseRequest),
    /// [`crate::ports::Ledger::record`].
    Record(LeaseToken, Report),
    /// [`crate::ports::Ledger::release`].
    Release(Release),
    /// [`crate::ports::Ledger::replay`].
    Replay(MailId),
    /// [`crate::ports::Ledger::dismiss`].
    Dismiss(MailId),
    /// [`crate::ports::Ledger::sweep`].
    Sweep(Retention),
    /// [`crate::ports::Ledger::life`].
    Life(MailId),
    /// [`crate::ports::Ledger::life_of_delivery`].
    LifeOfDelivery(DeliveryId),
    /// [`crate::ports::Ledger::list`].
    List(MailFilter),
    /// [`crate::ports::Ledger::stats`].
    Stats,
    /// [`crate::ports::ConfigStore::load`].
    LoadDocuments,
    /// [`crate::ports::ConfigStore::write`].
    WriteDocument(Write),
    /// To the ledger: a configuration of this version was given out. Answered with the greatest version it knows.
    KnowConfig(u64),
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It stands: commit, and send this.
    Commit(Vec<u8>),
    /// It failed: roll back, and send this.
    RollBack(Vec<u8>),
}

impl Call {
    /// Reads a call as it was sent.
    pub fn read(bytes: &[u8]) -> Result<Self, WireError> {
        decode(bytes)
    }
}

impl<S: Sql> Store<'_, S> {
    /// Runs a call inside the caller's transaction.
    pub fn answer(&self, call: &Call) -> Answer {
        match call {
            Call::Admit(mail, admission) => ledger(&self.admit(mail, admission)),
            Call::LeaseDue(request) => ledger(&self.lease_due(request)),
            Call::Renew(token) => ledger(&self.renew(token)),
            Call::Plan(token, plan, request) => ledger(&self.plan(token, plan, request)),
            Call::Record(token, report) => ledger(&self.record(token, report)),
            Call::Release(release) => ledger(&self.release(release)),
            Call::Replay(mail) => ledger(&self.replay(mail)),
            Call::Dismiss(mail) => ledger(&self.dismiss(mail)),
            Call::Sweep(retention) => ledger(&self.sweep(retention)),
            Call::Life(mail) => ledger(&self.life(mail)),
            Call::LifeOfDelivery(delivery) => ledger(&self.life_of_delivery(delivery)),
            Call::List(filter) => ledger(&self.list(filter)),
            Call::Stats => ledger(&self.stats()),
            Call::KnowConfig(version) => ledger(&self.know_config(*version)),
            Call::LoadDocuments => config(&self.load_documents()),
            Call::WriteDocument(write) => config(&self.write_document(write)),
        }
    }
}

fn ledger<T: Serialize>(result: &Result<T, LedgerError>) -> Answer {
    encoded(result, LedgerError::Corrupt)
}

fn config<T: Serialize>(result: &Result<T, ConfigError>) -> Answer {
    encoded(result, ConfigError::Unavailable)
}

fn encoded<T: Serialize, E: Serialize>(result: &Result<T, E>, failed: impl FnOnce(String) -> E) -> Answer {
    match encode(result) {
        Ok(bytes) if result.is_ok() => Answer::Commit(bytes),
        Ok(bytes) => Answer::RollBack(bytes),
        // Errors hold nothing but texts and numbers, which are always written; no bytes would be an unreadable answer.
        Err(error) => Answer::RollBack(encode(&Err::<(), E>(failed(error.to_string()))).unwrap_or_default()),
    }
}
