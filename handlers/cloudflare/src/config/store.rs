//! The configuration port: the object first, the copy in KV when the object does not answer. Writes go to the object or fail.

use super::copy;
use crate::home::Event;
use crate::ledger::ObjectTransport;
use crate::system::within;
use core::time::Duration;
use render_signal::ports::{ConfigError, ConfigStore, Loaded, StoredDocument, Write};
use render_signal::sql::Remote;
use worker::Env;

/// Readers do not wait longer for the object: a copy is at hand.
const DEADLINE: Duration = Duration::from_secs(1);

/// The documents.
pub(crate) struct ObjectConfig {
    object: Remote<ObjectTransport>,
    env: Env,
}

impl ObjectConfig {
    pub(crate) fn new(env: &Env, store: &str) -> worker::Result<Self> {
        let stub = env.durable_object("CONFIG")?.get_by_name(store)?;
        Ok(Self { object: Remote(ObjectTransport::new(stub, Event::Request)), env: env.clone() })
    }
}

impl ConfigStore for ObjectConfig {
    async fn load(&self) -> Result<Loaded, ConfigError> {
        let late = || Err(ConfigError::Unavailable(format!("no answer within {} s", DEADLINE.as_secs())));
        match within(DEADLINE, self.object.load()).await.unwrap_or_else(late) {
            Ok(loaded) => Ok(loaded),
            Err(cause) => copy::read(&self.env, cause.to_string()).await,
        }
    }

    async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        self.object.write(write).await
    }
}
