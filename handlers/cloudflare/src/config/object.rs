//! The object that holds the documents and the version of the whole.
//!
//! A write stands once it is committed. Then the ledger hears of the new version, before the writer is answered, and KV gets a
//! new copy. Neither can take the write back: whom it did not reach, the alarm tries again.

use super::copy;
use crate::answering::{answer, prepare, read};
use crate::home::Event;
use crate::ledger::{ObjectTransport, STORE};
use crate::storage::ObjectSql;
use crate::system::{ConsoleJournal, WorkerClock, within};
use core::cell::Cell;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use render_signal::calendar::Timestamp;
use render_signal::config::write_copy;
use render_signal::ports::{ConfigError, Journal as _, Level, Line};
use render_signal::sql::{Listener, Remote, Store, Tables};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// How long the ledger may take to hear of something while somebody waits. Readers wait a second for this object.
const PATIENCE: Duration = Duration::from_millis(500);

/// KV takes one write a second for a key.
const BETWEEN_COPIES: Duration = Duration::from_millis(1_100);

/// The longest pause before what failed is tried again: as long as a reader keeps what it has read.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How long this object relies on what the ledger knew. A reader may bring the ledger a version from a copy that outlived both.
const BETWEEN_MEETINGS: Duration = Duration::from_mins(10);

/// One object for all documents.
#[durable_object(alarm)]
pub struct Config {
    state: State,
    env: Env,
    /// Why the tables could not be prepared, told to every caller.
    broken: Option<String>,
    /// What is remembered while the object lives, and may be forgotten.
    memory: AssertUnwindSafe<Memory>,
}

#[derive(Default)]
struct Memory {
    /// When the ledger was asked last what it knows.
    met_ledger: Cell<Option<Timestamp>>,
    copied_at: Cell<Option<Timestamp>>,
    failures: Cell<u32>,
}

impl DurableObject for Config {
    fn new(state: State, env: Env) -> Self {
        let broken = prepare(&state.storage(), Tables::Documents);
        Self { state, env, broken, memory: AssertUnwindSafe::default() }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        if let Some(broken) = &self.broken {
            return Response::error(broken.clone(), 500);
        }
        let now = WorkerClock::time();
        if self.memory.met_ledger.get().is_none_or(|at| now.since(at) > BETWEEN_MEETINGS) {
            self.meet_ledger().await?;
        }
        let call = match read(request).await? {
            Ok(call) => call,
            Err(refusal) => return Ok(refusal),
        };
        let before = self.untold(Listener::Ledger);
        let (response, _) = answer(&self.state.storage(), WorkerClock::time(), call, |_| ());
        if self.untold(Listener::Ledger) != before {
            self.spread().await?;
        }
        response
    }

    /// Tries again what did not reach its listener. Always succeeds: the next alarm is set before anything can fail.
    async fn alarm(&self) -> Result<Response> {
        let failures = self.memory.failures.get();
        self.memory.failures.set(failures.saturating_add(1));
        let pause = Duration::from_secs(1 << failures.min(5)).min(LONGEST_PAUSE);
        self.state.storage().set_alarm(pause).await?;
        if !matches!(self.untold(Listener::Ledger), Ok(None)) {
            self.tell_ledger().await;
        }
        if !matches!(self.untold(Listener::Copy), Ok(None)) {
            self.publish().await;
        }
        if self.all_told() {
            self.memory.failures.set(0);
            self.state.storage().delete_alarm().await?;
        }
        Response::empty()
    }
}

impl Config {
    /// Compares versions with the ledger: either may have been brought back to an earlier state, or made anew, and readers may
    /// have told the ledger of versions that were given out before.
    async fn meet_ledger(&self) -> Result<()> {
        self.tell_ledger().await;
        if self.all_told() { Ok(()) } else { self.wake_soon().await }
    }

    /// Lets everybody hear of a new version.
    async fn spread(&self) -> Result<()> {
        // First: the alarm outlives this object, whatever happens to the rest.
        self.wake_soon().await?;
        self.tell_ledger().await;
        Ok(())
    }

    /// Sets the alarm for as soon as KV takes a copy.
    async fn wake_soon(&self) -> Result<()> {
        let now = WorkerClock::time();
        let pause = |at: Timestamp| BETWEEN_COPIES.saturating_sub(now.since(at));
        self.state.storage().set_alarm(self.memory.copied_at.get().map_or(Duration::ZERO, pause)).await
    }

    /// Tells the ledger the version of the whole. A ledger that knows a greater one is believed: these documents were lost or
    /// brought back, and get a version that nobody has seen yet.
    async fn tell_ledger(&self) {
        match within(PATIENCE, self.agree_with_ledger()).await {
            Some(Ok(())) => self.memory.met_ledger.set(Some(WorkerClock::time())),
            Some(Err(error)) => warn("config_untold", "CFG: the ledger does not know the version yet", &error),
            None => warn("config_untold", "CFG: the ledger does not know the version yet", &"no answer in time"),
        }
    }

    async fn agree_with_ledger(&self) -> core::result::Result<(), String> {
        let name = self.state.id().name().unwrap_or_else(|| STORE.to_owned());
        let stub = self.env.durable_object("LEDGER").and_then(|ledgers| ledgers.get_by_name(&name));
        let ledger = Remote(ObjectTransport::new(stub.map_err(|error| error.to_string())?, Event::Background));
        loop {
            let own = self.on_store(|store| store.config_version().map_err(Into::into))?;
            let known = ledger.know_config(own).await.map_err(|error| error.to_string())?;
            if known <= own {
                return self.on_store(|store| store.told(Listener::Ledger, own));
            }
            self.on_store(|store| store.outgrow_config(known))?;
        }
    }

    /// Puts the documents of this moment into KV, however many writes led to them.
    async fn publish(&self) {
        self.memory.copied_at.set(Some(WorkerClock::time()));
        if let Err(error) = self.put_copy().await {
            warn("config_unpublished", "CFG: the copy in KV was not renewed", &error);
        }
    }

    async fn put_copy(&self) -> core::result::Result<(), String> {
        let (version, text) = self.on_store(|store| {
            let (version, documents) = store.load_documents()?;
            Ok((version, write_copy(version, &documents)?))
        })?;
        copy::write(&self.env, text).await?;
        self.on_store(|store| store.told(Listener::Copy, version))
    }

    fn all_told(&self) -> bool {
        [Listener::Ledger, Listener::Copy].iter().all(|listener| matches!(self.untold(*listener), Ok(None)))
    }

    fn untold(&self, listener: Listener) -> core::result::Result<Option<u64>, String> {
        self.on_store(|store| store.untold(listener))
    }

    /// Nothing comes in between: no step waits.
    fn on_store<T>(
        &self,
        step: impl FnOnce(&Store<'_, ObjectSql>) -> core::result::Result<T, ConfigError>,
    ) -> core::result::Result<T, String> {
        let sql = ObjectSql(self.state.storage().sql());
        step(&Store::new(&sql, WorkerClock::time())).map_err(|error| error.to_string())
    }
}

fn warn(code: &'static str, msg: &str, cause: &dyn core::fmt::Display) {
    ConsoleJournal.log(Line::new(Level::Warn, "config", code, msg).with_cause(cause));
}
