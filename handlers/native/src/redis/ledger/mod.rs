//! The ledger on Redis: each step of the port is one script, and one round trip.
//!
//! This folder gives the scripts their arguments and reads their answers; what a step means stands in `../lua`, and how Redis is
//! reached in [`super::link`]. Whether an answer is on durable storage when it arrives is not decided here.

mod admit;
mod head;
mod lease;
mod migrate;
mod plan;
mod ports;
mod record;
mod row;
mod script;

#[cfg(test)]
mod tests;

pub use migrate::{MigrationError, Prepared};

use super::link::{Link, StoreTime};
use redis::{ScriptInvocation, Value};
use render_signal::ledger::LedgerError;
use script::Step;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What all keys of the ledger begin with.
const PREFIX: &str = "r:ss:{ledger}:";

/// What a predecessor's marks begin with.
const MARKS: &str = "r:ss:";

/// The ledger. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RedisLedger {
    link: Link,
    keys: Arc<Keys>,
    time: StoreTime,
    watch: Arc<Watch>,
}

/// What this process has noticed of the store.
#[derive(Debug, Default)]
struct Watch {
    /// The last look found it too full to take more.
    full: AtomicBool,
    /// How often it was found emptied.
    emptied: AtomicU64,
}

/// The names under which things are kept.
#[derive(Debug)]
struct Keys {
    prefix: String,
    config_version: String,
    marks: String,
}

impl RedisLedger {
    /// The ledger behind a link. `config_version` is the key that holds the version of the whole configuration. Nothing is
    /// asked of the store yet: see [`RedisLedger::prepare`].
    pub fn new(link: Link, config_version: String, time: StoreTime) -> Self {
        Self::under(link, PREFIX.to_owned(), MARKS.to_owned(), config_version, time)
    }

    /// The same with other names for its keys.
    pub(crate) fn under(link: Link, prefix: String, marks: String, config_version: String, time: StoreTime) -> Self {
        Self { link, keys: Arc::new(Keys { prefix, config_version, marks }), time, watch: Arc::default() }
    }

    /// Says whether the store is too full to take more mails. Whoever measures it says so; at first there is room.
    pub(crate) fn set_full(&self, full: bool) {
        self.watch.full.store(full, Ordering::Relaxed);
    }

    /// How often this process found a store that had been emptied, and made it a ledger again.
    pub fn emptied(&self) -> u64 {
        self.watch.emptied.load(Ordering::Relaxed)
    }

    /// What all keys begin with.
    pub(crate) fn prefix(&self) -> &str {
        &self.keys.prefix
    }

    /// A call of a step, with what every step takes: the keys and the time. The step's own arguments begin at `ARGV[2]`.
    pub(crate) fn step<'a>(&self, step: &'a Step) -> ScriptInvocation<'a> {
        let mut call = step.invocation();
        call.key(&self.keys.prefix).key(&self.keys.config_version).arg(self.time.argument());
        call
    }

    /// Runs a call.
    pub(crate) async fn run(&self, call: &ScriptInvocation<'_>) -> Result<Value, LedgerError> {
        Ok(self.link.run(call).await?)
    }

    fn is_full(&self) -> bool {
        self.watch.full.load(Ordering::Relaxed)
    }

    /// The store holds no ledger any more, though this process has prepared one.
    async fn found_empty(&self) -> Result<(), LedgerError> {
        match self.prepare().await {
            Ok(Prepared::Made) => {
                self.watch.emptied.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Ok(Prepared::Ready | Prepared::Raised) => Ok(()),
            Err(MigrationError::Failed(error)) => Err(error),
            Err(error @ MigrationError::Newer { .. }) => Err(LedgerError::Unavailable(error.to_string())),
        }
    }
}
