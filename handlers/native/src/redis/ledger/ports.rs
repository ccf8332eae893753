//! The ledger as the core's port.

use super::view::Asked;
use super::{RedisLedger, admit, lease, plan, record};
use render_signal::delivery::DeliveryId;
use render_signal::ledger::{
    Admission, Admitted, Batch, Fullness, LeaseRequest, LeaseToken, LedgerError, MailFilter, MailLife, MailPage,
    NewMail, Plan, Planned, Recorded, Release, Report, Retention, Stats, Swept,
};
use render_signal::mail::MailId;
use render_signal::ports::Ledger;

impl Ledger for RedisLedger {
    async fn admit(&self, mail: NewMail, admission: Admission) -> Result<Admitted, LedgerError> {
        let checked = self.may_take()?;
        let admitted = admit::admit(self, mail, admission).await?;
        match &admitted {
            // One that was known may have been written a moment ago by somebody who waits for the disk still.
            Admitted::Queued(mail) | Admitted::Skipped(mail, _) | Admitted::Known { mail, .. } => {
                self.confirm(mail, checked).await?;
            }
            Admitted::KnownElsewhere | Admitted::Refused(_) | Admitted::StaleConfig { .. } => {}
        }
        Ok(admitted)
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

    async fn release(&self, release: Release) -> Result<u64, LedgerError> {
        self.release_held(&release).await
    }

    async fn replay(&self, mail: &MailId) -> Result<u64, LedgerError> {
        self.replay_failed(mail).await
    }

    async fn dismiss(&self, mail: &MailId) -> Result<u64, LedgerError> {
        self.dismiss_open(mail).await
    }

    async fn sweep(&self, retention: &Retention) -> Result<Swept, LedgerError> {
        self.remove_page(retention).await
    }

    async fn life(&self, mail: &MailId) -> Result<Option<MailLife>, LedgerError> {
        self.whole_life(Asked::Mail(mail.as_str())).await
    }

    async fn life_of_delivery(&self, delivery: &DeliveryId) -> Result<Option<MailLife>, LedgerError> {
        self.whole_life(Asked::Delivery(delivery.as_str())).await
    }

    async fn list(&self, filter: &MailFilter) -> Result<MailPage, LedgerError> {
        self.list_mails(filter).await
    }

    async fn stats(&self) -> Result<Stats, LedgerError> {
        self.counts().await
    }

    async fn fullness(&self) -> Result<Fullness, LedgerError> {
        self.memory().await
    }
}
