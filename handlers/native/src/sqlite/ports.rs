//! The store as the core's ports.
#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method's own path is not general over the store's lifetime"
)]

use super::connection::Connection;
use super::{SqliteStore, space};
use render_signal::delivery::DeliveryId;
use render_signal::ledger::{
    Admission, Admitted, Batch, Fullness, LeaseRequest, LeaseToken, LedgerError, MailFilter, MailLife, MailPage,
    NewMail, Plan, Planned, Recorded, Release, Report, Retention, Stats, Swept,
};
use render_signal::mail::MailId;
use render_signal::ports::{ConfigError, ConfigStore, Ledger, Loaded, Origin, StoredDocument, Write};
use render_signal::sql::Store;
use std::sync::Arc;

impl Ledger for SqliteStore {
    async fn admit(&self, mail: NewMail, admission: Admission) -> Result<Admitted, LedgerError> {
        let path = Arc::clone(&self.path);
        let step = move |connection: &Connection, now| {
            let admitted = Store::new(connection, now).admit(&mail, &admission)?;
            let wrote = matches!(admitted, Admitted::Queued(_) | Admitted::Skipped(..));
            if wrote && space::fullness(&path, connection)?.percent() >= Fullness::REFUSED_PERCENT {
                return Err(LedgerError::Full);
            }
            Ok(admitted)
        };
        self.writer.run(step).await
    }

    async fn lease_due(&self, request: LeaseRequest) -> Result<Batch, LedgerError> {
        self.writer.call(move |store| store.lease_due(&request)).await
    }

    async fn renew(&self, token: &LeaseToken) -> Result<bool, LedgerError> {
        let token = token.clone();
        self.writer.call(move |store| store.renew(&token)).await
    }

    async fn plan(&self, token: &LeaseToken, plan: Plan, request: LeaseRequest) -> Result<Planned, LedgerError> {
        let token = token.clone();
        self.writer.call(move |store| store.plan(&token, &plan, &request)).await
    }

    async fn record(&self, token: &LeaseToken, report: Report) -> Result<Recorded, LedgerError> {
        let token = token.clone();
        self.writer.call(move |store| store.record(&token, &report)).await
    }

    async fn release(&self, release: Release) -> Result<u64, LedgerError> {
        self.writer.call(move |store| store.release(&release)).await
    }

    async fn replay(&self, mail: &MailId) -> Result<u64, LedgerError> {
        let mail = mail.clone();
        self.writer.call(move |store| store.replay(&mail)).await
    }

    async fn dismiss(&self, mail: &MailId) -> Result<u64, LedgerError> {
        let mail = mail.clone();
        self.writer.call(move |store| store.dismiss(&mail)).await
    }

    async fn sweep(&self, retention: &Retention) -> Result<Swept, LedgerError> {
        let retention = *retention;
        self.writer.call(move |store| store.sweep(&retention)).await
    }

    async fn life(&self, mail: &MailId) -> Result<Option<MailLife>, LedgerError> {
        let mail = mail.clone();
        self.reader.call(move |store| store.life(&mail)).await
    }

    async fn life_of_delivery(&self, delivery: &DeliveryId) -> Result<Option<MailLife>, LedgerError> {
        let delivery = delivery.clone();
        self.reader.call(move |store| store.life_of_delivery(&delivery)).await
    }

    async fn list(&self, filter: &MailFilter) -> Result<MailPage, LedgerError> {
        let filter = filter.clone();
        self.reader.call(move |store| store.list(&filter)).await
    }

    async fn stats(&self) -> Result<Stats, LedgerError> {
        self.reader.call(|store| store.stats()).await
    }

    async fn fullness(&self) -> Result<Fullness, LedgerError> {
        let path = Arc::clone(&self.path);
        self.reader.run(move |connection| space::fullness(&path, connection)).await
    }
}

impl ConfigStore for SqliteStore {
    async fn load(&self) -> Result<Loaded, ConfigError> {
        let (version, documents) = self.reader.call(|store| store.load_documents()).await?;
        Ok(Loaded { version, documents, origin: Origin::Primary })
    }

    async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        self.writer.call(move |store| store.write_document(&write)).await
    }
}
