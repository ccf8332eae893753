//! The ledger and the configuration documents, in plain Rust structures under one lock.
//!
//! It answers as [`crate::sql`] does, on the same rules told in another way; nothing is durable and nothing is fast. Work
//! numbers, fencing numbers and event numbers are counted the same way too, so that the two can be compared step by step.

mod admit;
mod claims;
mod documents;
mod lease;
mod plan;
mod record;
mod release;
mod state;
mod sweep;
mod view;

use super::clock::MemoryClock;
use super::faults::{Call, Faults};
use super::locked;
use crate::calendar::Timestamp;
use crate::delivery::DeliveryId;
use crate::ledger::{
    Admission, Admitted, Batch, Fullness, LeaseRequest, LeaseToken, LedgerError, MailFilter, MailLife, MailPage,
    NewMail, Plan, Planned, Recorded, Release, Report, Retention, Stats, Swept,
};
use crate::mail::MailId;
use crate::ports::{Clock, ConfigError, ConfigStore, Ledger, Loaded, StoredDocument, Write};
use state::State;
use std::sync::{Arc, Mutex};

/// Both stores of a home, and their own time.
#[derive(Debug)]
pub struct MemoryStore {
    state: Mutex<State>,
    clock: MemoryClock,
    faults: Arc<Faults>,
}

/// The state inside one atomic step, at the store's time.
struct Step<'a> {
    state: &'a mut State,
    now: Timestamp,
}

impl MemoryStore {
    /// Empty stores.
    pub fn new(clock: MemoryClock, faults: Arc<Faults>) -> Self {
        Self { state: Mutex::new(State::default()), clock, faults }
    }

    /// Says how many bytes there may be; `None`, as at first, is no limit.
    pub fn limit_to(&self, bytes: Option<u64>) {
        locked(&self.state).limit = bytes;
    }

    /// Lets the configuration change just before each of the next `count` admissions, so that their decisions are too old.
    pub fn change_before_admissions(&self, count: u64) {
        locked(&self.state).restless = count;
    }

    /// Makes a copy of the configuration documents, in place of the one before.
    pub fn publish(&self) {
        self.at_once(|step| {
            step.publish();
        });
    }

    /// Loses the primary of the documents: the copy is what is read, and nothing can be written.
    pub fn lose_primary(&self) {
        locked(&self.state).primary_lost = true;
    }

    /// Ends what [`Self::lose_primary`] began.
    pub fn find_primary(&self) {
        locked(&self.state).primary_lost = false;
    }

    /// Makes every leased item due again and its holder stale: for a home that knows it is the only one.
    pub fn void_leases(&self) {
        self.at_once(|step| {
            step.void_leases();
        });
    }

    /// Who holds what: the live leases, by work number.
    pub fn leases(&self) -> Vec<LeaseToken> {
        self.at_once(|step| step.live_leases())
    }

    fn at_once<T>(&self, work: impl FnOnce(&mut Step<'_>) -> T) -> T {
        let now = self.clock.now();
        work(&mut Step { state: &mut locked(&self.state), now })
    }

    async fn step<T>(
        &self,
        call: Call,
        work: impl FnOnce(&mut Step<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let error = |_| LedgerError::Unavailable("a fault was planned".to_owned());
        self.faults.around(call, error, async { self.at_once(work) }).await
    }
}

impl Ledger for MemoryStore {
    async fn admit(&self, mail: NewMail, admission: Admission) -> Result<Admitted, LedgerError> {
        self.step(Call::Admit, |step| step.admit(mail, &admission)).await
    }

    async fn lease_due(&self, request: LeaseRequest) -> Result<Batch, LedgerError> {
        self.step(Call::LeaseDue, |step| step.lease_due(&request)).await
    }

    async fn renew(&self, token: &LeaseToken) -> Result<bool, LedgerError> {
        self.step(Call::Renew, |step| Ok(step.renew(token))).await
    }

    async fn plan(&self, token: &LeaseToken, plan: Plan, request: LeaseRequest) -> Result<Planned, LedgerError> {
        self.step(Call::Plan, |step| step.plan(token, plan, &request)).await
    }

    async fn record(&self, token: &LeaseToken, report: Report) -> Result<Recorded, LedgerError> {
        self.step(Call::Record, |step| step.record(token, report)).await
    }

    async fn release(&self, release: Release) -> Result<u64, LedgerError> {
        self.step(Call::Release, |step| step.release(&release)).await
    }

    async fn replay(&self, mail: &MailId) -> Result<u64, LedgerError> {
        self.step(Call::Replay, |step| step.replay(mail)).await
    }

    async fn dismiss(&self, mail: &MailId) -> Result<u64, LedgerError> {
        self.step(Call::Dismiss, |step| step.dismiss(mail)).await
    }

    async fn sweep(&self, retention: &Retention) -> Result<Swept, LedgerError> {
        self.step(Call::Sweep, |step| Ok(step.sweep(retention))).await
    }

    async fn life(&self, mail: &MailId) -> Result<Option<MailLife>, LedgerError> {
        self.step(Call::Life, |step| Ok(step.life(mail))).await
    }

    async fn life_of_delivery(&self, delivery: &DeliveryId) -> Result<Option<MailLife>, LedgerError> {
        self.step(Call::LifeOfDelivery, |step| Ok(step.life_of_delivery(delivery))).await
    }

    async fn list(&self, filter: &MailFilter) -> Result<MailPage, LedgerError> {
        self.step(Call::List, |step| Ok(step.list(filter))).await
    }

    async fn stats(&self) -> Result<Stats, LedgerError> {
        self.step(Call::Stats, |step| Ok(step.stats())).await
    }

    async fn fullness(&self) -> Result<Fullness, LedgerError> {
        self.step(Call::Fullness, |step| Ok(step.state.fullness())).await
    }
}

impl ConfigStore for MemoryStore {
    async fn load(&self) -> Result<Loaded, ConfigError> {
        let error = |_| ConfigError::Unavailable("a fault was planned".to_owned());
        let load = async { self.at_once(|step| step.load_documents()) };
        self.faults.around(Call::LoadConfig, error, load).await
    }

    async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        let error = |_| ConfigError::Unavailable("a fault was planned".to_owned());
        let write = async { self.at_once(|step| step.write_document(write)) };
        self.faults.around(Call::WriteConfig, error, write).await
    }
}
