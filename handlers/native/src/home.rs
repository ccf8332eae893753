//! The native home: every port together.

use crate::fetch::Sender;
use crate::names::SystemNames;
use crate::sqlite::SqliteStore;
use crate::system::{StderrJournal, SystemClock, SystemEntropy};
use render_signal::config::Settings;
use render_signal::flow::ConfigCache;
use render_signal::ports::{Home, Queue};
use render_signal_handlers::http::{LargeBodies, Promise, RateLimit, Service, Site};
use tokio::sync::Notify;

/// Bodies over 1 MiB in memory at once, for each core.
const LARGE_BODIES_PER_CORE: usize = 4;

/// Wakes the workers of this process.
#[derive(Debug, Default)]
pub struct Nudge(Notify);

impl Nudge {
    /// Waits for a nudge. One that came while nobody waited is not lost.
    pub async fn wait(&self) {
        self.0.notified().await;
    }
}

impl Queue for Nudge {
    async fn nudge(&self) {
        self.0.notify_one();
    }
}

/// The ports of the native server.
pub struct NativeHome {
    store: SqliteStore,
    cache: ConfigCache,
    sender: Sender,
    names: SystemNames,
    queue: Nudge,
    entropy: SystemEntropy,
    journal: StderrJournal,
    large_bodies: LargeBodies,
    ingress_rate: RateLimit,
    settings: Settings,
}

impl std::fmt::Debug for NativeHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeHome").field("store", &self.store).finish_non_exhaustive()
    }
}

/// Why the home could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The system has no randomness.
    #[error("the system gives no randomness: {0}")]
    Entropy(#[from] getrandom::Error),
    /// The name system could not be set up.
    #[error("the name system could not be set up: {0}")]
    Names(#[from] crate::names::SetupError),
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Fetch(#[from] crate::fetch::SetupError),
}

impl NativeHome {
    /// Puts the ports together over an open store.
    pub fn new(settings: Settings, store: SqliteStore) -> Result<Self, SetupError> {
        let names = match settings.server.dns_server {
            Some(server) => SystemNames::at(server)?,
            None => SystemNames::from_system()?,
        };
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            store,
            cache: ConfigCache::default(),
            sender: Sender::new(names.clone(), settings.sending.url_policy.loopback)?,
            names,
            queue: Nudge::default(),
            entropy: SystemEntropy::new()?,
            journal: StderrJournal::new(settings.log_level),
            large_bodies: LargeBodies::new(LARGE_BODIES_PER_CORE * cores),
            ingress_rate: RateLimit::new(settings.ingress.rate_per_minute),
            settings,
        })
    }
}

impl Home for NativeHome {
    type Ledger = SqliteStore;
    type Config = SqliteStore;
    type Fetch = Sender;
    type Queue = Nudge;
    type Clock = SystemClock;
    type Entropy = SystemEntropy;
    type Journal = StderrJournal;

    fn ledger(&self) -> &SqliteStore {
        &self.store
    }

    fn config(&self) -> &SqliteStore {
        &self.store
    }

    fn config_cache(&self) -> &ConfigCache {
        &self.cache
    }

    fn fetch(&self) -> &Sender {
        &self.sender
    }

    fn queue(&self) -> &Nudge {
        &self.queue
    }

    fn clock(&self) -> &SystemClock {
        &SystemClock
    }

    fn entropy(&self) -> &SystemEntropy {
        &self.entropy
    }

    fn journal(&self) -> &StderrJournal {
        &self.journal
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl Site for NativeHome {
    type Names = SystemNames;

    fn names(&self) -> &SystemNames {
        &self.names
    }

    fn large_bodies(&self) -> &LargeBodies {
        &self.large_bodies
    }

    fn ingress_rate(&self) -> &RateLimit {
        &self.ingress_rate
    }

    fn services(&self) -> Service {
        Service { home: "native", store: "sqlite", promise: Promise::Kept }
    }
}
