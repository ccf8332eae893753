//! The ledger on Redis: each step of the port is one script, and one round trip.
//!
//! This folder gives the scripts their arguments and reads their answers; what a step means stands in `../lua`, and how Redis is
//! reached in [`super::link`]. Whether an answer is on durable storage when it arrives is known to [`super::durability`]; only the intake
//! asks.

mod admit;
mod head;
mod lease;
mod list;
mod migrate;
mod plan;
mod ports;
mod record;
mod release;
mod row;
mod script;
mod search;
mod space;
mod sweep;
mod view;

#[cfg(test)]
pub(super) mod tests;

pub use migrate::{MigrationError, Prepared};

use super::durability::Durability;
use super::link::{Link, LinkError, Log, StoreTime};
use redis::{ScriptInvocation, Value};
use render_signal::ledger::LedgerError;
use render_signal::mail::MailId;
use render_signal::ports::{Level, Line};
use script::Step;
use space::Space;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What all keys of the ledger begin with.
pub const PREFIX: &str = "r:ss:{ledger}:";

/// What a predecessor's marks begin with.
const MARKS: &str = "r:ss:";

/// The ledger. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RedisLedger {
    link: Link,
    keys: Arc<Keys>,
    time: StoreTime,
    watch: Arc<Watch>,
    bodies: Duration,
    /// What sees to it that a mail that is answered is durable; `None`: somebody else does.
    durability: Option<Durability>,
    log: Option<Telling>,
}

/// Where what the operator should know goes.
#[derive(Clone)]
struct Telling(Log);

impl std::fmt::Debug for Telling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Telling")
    }
}

/// What this process has noticed of the store.
#[derive(Debug, Default)]
struct Watch {
    /// How full it is.
    space: Space,
    /// Whether the last step found what only newer servers understand.
    newer: AtomicBool,
    /// Whether it was made sure once that it holds a ledger.
    prepared: AtomicBool,
}

/// The names under which things are kept.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) prefix: String,
    pub(crate) config_version: String,
    pub(crate) marks: String,
}

impl RedisLedger {
    /// The ledger behind a link. `config_version` is the key that holds the version of the whole configuration. Nothing is
    /// asked of the store yet: see [`RedisLedger::prepare`]. `bodies` is how long the settings keep the bodies of mails that
    /// ended: should no sweep remove them, they expire a day later.
    pub fn new(link: Link, config_version: String, time: StoreTime, bodies: Duration) -> Self {
        let keys = Keys { prefix: PREFIX.to_owned(), config_version, marks: MARKS.to_owned() };
        Self::under(link, keys, time, bodies)
    }

    /// The same with other names for its keys.
    pub(crate) fn under(link: Link, keys: Keys, time: StoreTime, bodies: Duration) -> Self {
        Self { link, keys: Arc::new(keys), time, watch: Arc::default(), bodies, durability: None, log: None }
    }

    /// The same ledger, which takes mails only while Redis keeps them, and answers them once they are kept.
    #[must_use]
    pub fn guarded(mut self, durability: Durability) -> Self {
        self.durability = Some(durability);
        self
    }

    /// The same ledger, which says when the store was found emptied.
    #[must_use]
    pub fn telling(mut self, log: Log) -> Self {
        self.log = Some(Telling(log));
        self
    }

    fn tell_emptied(&self) {
        if let Some(Telling(log)) = &self.log {
            let msg = "REDIS: the store was emptied: what it held is gone, and a new ledger is begun";
            log(Line::new(Level::Error, "store", "store_emptied", msg));
        }
    }

    /// Whether mails may be taken now, and on which connections.
    pub(crate) fn may_take(&self) -> Result<u64, LedgerError> {
        self.durability.as_ref().map_or(Ok(0), Durability::check)
    }

    /// Returns once a mail is durable. `checked` is what [`RedisLedger::may_take`] gave before it was written.
    pub(crate) async fn confirm(&self, mail: &MailId, checked: u64) -> Result<(), LedgerError> {
        match &self.durability {
            Some(durability) => {
                durability.confirm(&format!("{}mail_id:{}", self.keys.prefix, mail.as_str()), checked).await
            }
            None => Ok(()),
        }
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
        let answer = self.link.run(call).await;
        if !matches!(answer, Err(LinkError::Unavailable(_))) {
            self.watch.newer.store(answer == Err(LinkError::Newer), Ordering::Relaxed);
        }
        Ok(answer?)
    }

    /// The store holds no ledger: any more, when this process has seen one. One that was away at the start may be new.
    async fn found_empty(&self) -> Result<(), LedgerError> {
        let had_one = self.watch.prepared.load(Ordering::Relaxed);
        match self.prepare().await {
            Ok(Prepared::Made) if had_one => {
                self.tell_emptied();
                Ok(())
            }
            Ok(Prepared::Made | Prepared::Ready | Prepared::Raised) => Ok(()),
            Err(MigrationError::Failed(error)) => Err(error),
            Err(error @ MigrationError::Newer { .. }) => Err(LedgerError::Unavailable(error.to_string())),
        }
    }
}
