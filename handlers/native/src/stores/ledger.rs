//! The ledger, wherever it is.

use crate::redis::RedisLedger;
use crate::sqlite::SqliteStore;
use render_signal::delivery::DeliveryId;
use render_signal::ledger::{
    Admission, Admitted, Batch, Fullness, LeaseRequest, LeaseToken, LedgerError, MailFilter, MailLife, MailPage,
    NewMail, Plan, Planned, Recorded, Release, Report, Retention, Stats, Swept,
};
use render_signal::mail::MailId;
use render_signal::ports::Ledger;

/// One of the ledgers of this home.
#[derive(Debug, Clone)]
pub enum AnyLedger {
    /// In a file.
    Sqlite(SqliteStore),
    /// On Redis.
    Redis(RedisLedger),
}

/// The same call on whichever it is.
macro_rules! on {
    ($ledger:expr, $call:ident($($argument:expr),*)) => {
        match $ledger {
            AnyLedger::Sqlite(ledger) => ledger.$call($($argument),*).await,
            AnyLedger::Redis(ledger) => ledger.$call($($argument),*).await,
        }
    };
}

impl Ledger for AnyLedger {
    async fn admit(&self, mail: NewMail, admission: Admission) -> Result<Admitted, LedgerError> {
        on!(self, admit(mail, admission))
    }

    async fn lease_due(&self, request: LeaseRequest) -> Result<Batch, LedgerError> {
        on!(self, lease_due(request))
    }

    async fn renew(&self, token: &LeaseToken) -> Result<bool, LedgerError> {
        on!(self, renew(token))
    }

    async fn plan(&self, token: &LeaseToken, plan: Plan, request: LeaseRequest) -> Result<Planned, LedgerError> {
        on!(self, plan(token, plan, request))
    }

    async fn record(&self, token: &LeaseToken, report: Report) -> Result<Recorded, LedgerError> {
        on!(self, record(token, report))
    }

    async fn release(&self, release: Release) -> Result<u64, LedgerError> {
        on!(self, release(release))
    }

    async fn replay(&self, mail: &MailId) -> Result<u64, LedgerError> {
        on!(self, replay(mail))
    }

    async fn dismiss(&self, mail: &MailId) -> Result<u64, LedgerError> {
        on!(self, dismiss(mail))
    }

    async fn sweep(&self, retention: &Retention) -> Result<Swept, LedgerError> {
        on!(self, sweep(retention))
    }

    async fn life(&self, mail: &MailId) -> Result<Option<MailLife>, LedgerError> {
        on!(self, life(mail))
    }

    async fn life_of_delivery(&self, delivery: &DeliveryId) -> Result<Option<MailLife>, LedgerError> {
        on!(self, life_of_delivery(delivery))
    }

    async fn list(&self, filter: &MailFilter) -> Result<MailPage, LedgerError> {
        on!(self, list(filter))
    }

    async fn stats(&self) -> Result<Stats, LedgerError> {
        on!(self, stats())
    }

    async fn fullness(&self) -> Result<Fullness, LedgerError> {
        on!(self, fullness())
    }
}
