//! The Worker's home: every port together.

use crate::config::ObjectConfig;
use crate::fetch::WorkerFetch;
use crate::ledger::{ObjectTransport, STORE};
use crate::names::HttpsNames;
use crate::queue::Nudges;
use crate::system::{ConsoleJournal, CryptoEntropy, WorkerClock};
use core::cell::{Cell, OnceCell, RefCell};
use render_signal::config::{Place, Settings};
use render_signal::delivery::TargetUrl;
use render_signal::flow::{ConfigCache, Round};
use render_signal::mail::BodyDigest;
use render_signal::ports::{Home, Journal as _, Level, Line};
use render_signal::sql::Remote;
use render_signal_handlers::http::{LargeBodies, Promise, RateLimit, Service, Site};
use std::rc::Rc;
use worker::Env;

/// Bodies over 1 MiB in memory at once: an isolate has 128 MB.
const LARGE_BODIES: usize = 4;

/// What an isolate keeps between its events. It may be lost at any time.
pub(crate) struct Shared {
    settings: Settings,
    cache: ConfigCache,
    large_bodies: LargeBodies,
    ingress_rate: RateLimit,
    round: Cell<Option<Round>>,
    /// Of this version with these settings: other ones may free what is held.
    fingerprint: String,
}

thread_local! {
    static SHARED: OnceCell<Option<Rc<Shared>>> = const { OnceCell::new() };
}

/// What this isolate keeps, made at its first event. `None` when the Worker's variables cannot be used; the log says which.
pub(crate) fn shared(env: &Env) -> Option<Rc<Shared>> {
    SHARED.with(|kept| kept.get_or_init(|| Shared::read(env).map(Rc::new)).clone())
}

impl Shared {
    fn read(env: &Env) -> Option<Self> {
        let read = RefCell::new(String::from(env!("CARGO_PKG_VERSION")));
        let lookup = |name: &str| {
            let value = env.var(name).ok()?.to_string();
            read.borrow_mut().extend(["\n", name, "=", &value]);
            Some(value)
        };
        match Settings::read(&lookup, Place::Worker) {
            Ok(settings) => {
                ConsoleJournal::write_from(settings.log_level.least());
                for warning in &settings.warnings {
                    let line = Line::new(Level::Warn, "config", warning.code.as_str(), format!("CFG: {warning}"));
                    ConsoleJournal.log(line);
                }
                Some(Self {
                    ingress_rate: RateLimit::new(settings.ingress.rate_per_minute),
                    settings,
                    cache: ConfigCache::default(),
                    large_bodies: LargeBodies::new(LARGE_BODIES),
                    round: Cell::new(None),
                    fingerprint: BodyDigest::of(&read.borrow()).as_str().to_owned(),
                })
            }
            Err(problems) => {
                for problem in problems {
                    ConsoleJournal.log(Line::new(Level::Error, "config", "not_configured", format!("CFG: {problem}")));
                }
                None
            }
        }
    }
}

/// The ports of one event.
pub(crate) struct WorkerHome {
    shared: Rc<Shared>,
    ledger: Remote<ObjectTransport>,
    config: ObjectConfig,
    names: HttpsNames,
    fetch: WorkerFetch,
    queue: Nudges,
}

/// What a home is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// A request, whose answer somebody waits for.
    Request,
    /// Work that nobody waits for.
    Background,
}

impl WorkerHome {
    pub(crate) fn new(env: &Env, shared: Rc<Shared>, event: Event) -> worker::Result<Self> {
        Self::named(env, shared, event, STORE)
    }

    /// A home whose objects have this name.
    pub(crate) fn named(env: &Env, shared: Rc<Shared>, event: Event, name: &str) -> worker::Result<Self> {
        let stub = env.durable_object("LEDGER")?.get_by_name(name)?;
        Ok(Self {
            ledger: Remote(ObjectTransport::new(stub, event)),
            config: ObjectConfig::new(env, name)?,
            names: HttpsNames::new(shared.settings.names_url.as_ref().map(TargetUrl::as_str)),
            fetch: WorkerFetch,
            queue: Nudges::new(env, event),
            shared,
        })
    }

    /// The round of the sweep that was made last under these settings: this isolate's own, or the one that the ledger's object
    /// kept. An isolate that began anew would let everything held go, and hold it again.
    pub(crate) fn last_round(&self, kept: &str) -> Option<Round> {
        let theirs = || Round::parse(kept.strip_prefix(&self.shared.fingerprint)?.strip_prefix(' ')?);
        self.shared.round.get().or_else(theirs)
    }

    /// Keeps a round for this isolate's next one. Returns what the ledger's object is to keep, when that is new.
    pub(crate) fn keep_round(&self, round: Option<Round>) -> Option<String> {
        let known = self.shared.round.replace(round);
        round.filter(|round| known != Some(*round)).map(|round| format!("{} {round}", self.shared.fingerprint))
    }
}

impl Home for WorkerHome {
    type Ledger = Remote<ObjectTransport>;
    type Config = ObjectConfig;
    type Fetch = WorkerFetch;
    type Queue = Nudges;
    type Clock = WorkerClock;
    type Entropy = CryptoEntropy;
    type Journal = ConsoleJournal;

    fn ledger(&self) -> &Self::Ledger {
        &self.ledger
    }

    fn config(&self) -> &Self::Config {
        &self.config
    }

    fn config_cache(&self) -> &ConfigCache {
        &self.shared.cache
    }

    fn fetch(&self) -> &WorkerFetch {
        &self.fetch
    }

    fn queue(&self) -> &Nudges {
        &self.queue
    }

    fn clock(&self) -> &WorkerClock {
        &WorkerClock
    }

    fn entropy(&self) -> &CryptoEntropy {
        &CryptoEntropy
    }

    fn journal(&self) -> &ConsoleJournal {
        &ConsoleJournal
    }

    fn settings(&self) -> &Settings {
        &self.shared.settings
    }
}

impl Site for WorkerHome {
    type Names = HttpsNames;

    fn names(&self) -> &HttpsNames {
        &self.names
    }

    fn large_bodies(&self) -> &LargeBodies {
        &self.shared.large_bodies
    }

    fn ingress_rate(&self) -> &RateLimit {
        &self.shared.ingress_rate
    }

    fn services(&self) -> Service {
        Service { home: "worker", store: "durable_object", promise: Promise::Kept }
    }
}
