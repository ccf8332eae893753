//! The ports over stores at a distance.

use super::Call;
use super::wire::{decode, encode};
use crate::delivery::DeliveryId;
use crate::ledger::{
    Admission, Admitted, Batch, Fullness, LeaseRequest, LeaseToken, LedgerError, MailFilter, MailLife, MailPage,
    NewMail, Plan, Planned, Recorded, Release, Report, Retention, Stats, Swept,
};
use crate::mail::MailId;
use crate::ports::{ConfigError, ConfigStore, Ledger, Loaded, Origin, StoredDocument, Write};
use serde::de::DeserializeOwned;

#[allow(async_fn_in_trait, reason = "the homes are concrete types")]
/// The way to the stores: a call as bytes there, its answer as bytes back.
pub trait Transport {
    /// Sends a call. An error says that no answer came: the call may have been run or not.
    async fn send(&self, call: Vec<u8>) -> Result<Vec<u8>, String>;

    /// How full the store is. May be as old as a minute where nothing is decided by it.
    async fn fullness(&self) -> Result<Fullness, String>;
}

/// The stores behind a [`Transport`].
#[derive(Debug, Clone)]
pub struct Remote<T>(pub T);

impl<T: Transport> Remote<T> {
    async fn call<A, E>(&self, call: &Call, failed: impl Fn(String) -> E) -> Result<A, E>
    where
        Result<A, E>: DeserializeOwned,
    {
        let bytes = encode(call).map_err(|error| failed(error.to_string()))?;
        let answer = self.0.send(bytes).await.map_err(&failed)?;
        decode::<Result<A, E>>(&answer).map_err(|error| failed(format!("the answer is {error}")))?
    }

    /// Tells the ledger that a configuration of this version was given out. Returns the greatest version it knows.
    pub async fn know_config(&self, version: u64) -> Result<u64, LedgerError> {
        self.ledger(Call::KnowConfig(version)).await
    }

    async fn ledger<A: DeserializeOwned>(&self, call: Call) -> Result<A, LedgerError> {
        self.call(&call, LedgerError::Unavailable).await
    }

    async fn config<A: DeserializeOwned>(&self, call: Call) -> Result<A, ConfigError> {
        self.call(&call, ConfigError::Unavailable).await
    }
}

impl<T: Transport> Ledger for Remote<T> {
    async fn admit(&self, mail: NewMail, admission: Admission) -> Result<Admitted, LedgerError> {
        let version = admission.config_version;
        let call = Call::Admit(Box::new(mail), admission);
        match self.call(&call, LedgerError::Unavailable).await? {
            // This reader has heard of a version before the ledger has.
            Admitted::StaleConfig { current } if current < version => {
                self.know_config(version).await?;
                self.call(&call, LedgerError::Unavailable).await
            }
            admitted => Ok(admitted),
        }
    }

    async fn lease_due(&self, request: LeaseRequest) -> Result<Batch, LedgerError> {
        self.ledger(Call::LeaseDue(request)).await
    }

    async fn renew(&self, token: &LeaseToken) -> Result<bool, LedgerError> {
        self.ledger(Call::Renew(token.clone())).await
    }

    async fn plan(&self, token: &LeaseToken, plan: Plan, request: LeaseRequest) -> Result<Planned, LedgerError> {
        self.ledger(Call::Plan(token.clone(), plan, request)).await
    }

    async fn record(&self, token: &LeaseToken, report: Report) -> Result<Recorded, LedgerError> {
        self.ledger(Call::Record(token.clone(), report)).await
    }

    async fn release(&self, release: Release) -> Result<u64, LedgerError> {
        self.ledger(Call::Release(release)).await
    }

    async fn replay(&self, mail: &MailId) -> Result<u64, LedgerError> {
        self.ledger(Call::Replay(mail.clone())).await
    }

    async fn dismiss(&self, mail: &MailId) -> Result<u64, LedgerError> {
        self.ledger(Call::Dismiss(mail.clone())).await
    }

    async fn sweep(&self, retention: &Retention) -> Result<Swept, LedgerError> {
        self.ledger(Call::Sweep(*retention)).await
    }

    async fn life(&self, mail: &MailId) -> Result<Option<MailLife>, LedgerError> {
        self.ledger(Call::Life(mail.clone())).await
    }

    async fn life_of_delivery(&self, delivery: &DeliveryId) -> Result<Option<MailLife>, LedgerError> {
        self.ledger(Call::LifeOfDelivery(delivery.clone())).await
    }

    async fn list(&self, filter: &MailFilter) -> Result<MailPage, LedgerError> {
        self.ledger(Call::List(filter.clone())).await
    }

    async fn stats(&self) -> Result<Stats, LedgerError> {
        self.ledger(Call::Stats).await
    }

    async fn fullness(&self) -> Result<Fullness, LedgerError> {
        self.0.fullness().await.map_err(LedgerError::Unavailable)
    }
}

impl<T: Transport> ConfigStore for Remote<T> {
    async fn load(&self) -> Result<Loaded, ConfigError> {
        let (version, documents) = self.config(Call::LoadDocuments).await?;
        Ok(Loaded { version, documents, origin: Origin::Primary })
    }

    async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        self.config(Call::WriteDocument(write)).await
    }
}
