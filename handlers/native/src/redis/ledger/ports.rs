//! The ledger as the core's port.

use super::RedisLedger;
use render_signal::delivery::DeliveryId;
use render_signal::ledger::{
    Admission, Admitted, Batch, Fullness, LeaseRequest, LeaseToken, LedgerError, MailFilter, MailLife, MailPage,
    NewMail, Plan, Planned, Recorded, Release, Report, Retention, Stats, Swept,
};
use render_signal::mail::MailId;
use render_signal::ports::Ledger;

fn missing<T>() -> Result<T, LedgerError> {
    Err(LedgerError::Unavailable("this step is still to be built".to_owned()))
}

impl Ledger for RedisLedger {
    async fn admit(&self, _mail: NewMail, _admission: Admission) -> Result<Admitted, LedgerError> {
        missing()
    }

    async fn lease_due(&self, _request: LeaseRequest) -> Result<Batch, LedgerError> {
        missing()
    }

    async fn renew(&self, _token: &LeaseToken) -> Result<bool, LedgerError> {
        missing()
    }

    async fn plan(&self, _token: &LeaseToken, _plan: Plan, _request: LeaseRequest) -> Result<Planned, LedgerError> {
        missing()
    }

    async fn record(&self, _token: &LeaseToken, _report: Report) -> Result<Recorded, LedgerError> {
        missing()
    }

    async fn release(&self, _release: Release) -> Result<u64, LedgerError> {
        missing()
    }

    async fn replay(&self, _mail: &MailId) -> Result<u64, LedgerError> {
        missing()
    }

    async fn dismiss(&self, _mail: &MailId) -> Result<u64, LedgerError> {
        missing()
    }

    async fn sweep(&self, _retention: &Retention) -> Result<Swept, LedgerError> {
        missing()
    }

    async fn life(&self, _mail: &MailId) -> Result<Option<MailLife>, LedgerError> {
        missing()
    }

    async fn life_of_delivery(&self, _delivery: &DeliveryId) -> Result<Option<MailLife>, LedgerError> {
        missing()
    }

    async fn list(&self, _filter: &MailFilter) -> Result<MailPage, LedgerError> {
        missing()
    }

    async fn stats(&self) -> Result<Stats, LedgerError> {
        missing()
    }

    async fn fullness(&self) -> Result<Fullness, LedgerError> {
        missing()
    }
}
