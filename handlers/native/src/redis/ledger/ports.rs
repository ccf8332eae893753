//! The ledger as the core's port.

use super::{RedisLedger, admit, lease, plan, record};
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
    async fn admit(&self, mail: NewMail, admission: Admission) -> Result<Admitted, LedgerError> {
        admit::admit(self, mail, admission).await
    }

    async fn lease_due(&self, request: LeaseRequest) -> Result<Batch, LedgerError> {
        lease::lease_due(self, request).await
    }

    async fn renew(&self, token: &LeaseToken) -> Result<bool, LedgerError> {
        lease::renew(self, token).await
    }

    async fn plan(&self, token: &LeaseToken, plan: Plan, request: LeaseRequest) -> Result<Planned, LedgerError> {
        plan::plan(self, token, plan, request).await
    }

    async fn record(&self, token: &LeaseToken, report: Report) -> Result<Recorded, LedgerError> {
        record::record(self, token, report).await
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
