//! The native home: every port together.

use crate::fetch::Sender;
use crate::names::SystemNames;
use crate::nudge::Nudges;
use crate::stores::{AnyConfig, AnyLedger, Stores, Turns};
use crate::system::{StderrJournal, SystemClock, SystemEntropy};
use crate::worker::Pace;
use render_signal::config::Settings;
use render_signal::flow::ConfigCache;
use render_signal::ports::Home;
use render_signal_handlers::http::{LargeBodies, RateLimit, Service, Site};

/// Bodies over 1 MiB in memory at once, for each core.
const LARGE_BODIES_PER_CORE: usize = 4;

/// The ports of the native server.
pub struct NativeHome {
    stores: Stores,
    cache: ConfigCache,
    sender: Sender,
    names: SystemNames,
    entropy: SystemEntropy,
    journal: StderrJournal,
    large_bodies: LargeBodies,
    ingress_rate: RateLimit,
    settings: Settings,
}

impl std::fmt::Debug for NativeHome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NativeHome").field("stores", &self.stores).finish_non_exhaustive()
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

/// The ways out of this process.
#[derive(Clone)]
pub struct Network {
    names: SystemNames,
    /// The way to receivers.
    pub sender: Sender,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network")
    }
}

impl Network {
    /// As the settings say.
    pub fn of(settings: &Settings) -> Result<Self, SetupError> {
        let names = match settings.server.dns_server {
            Some(server) => SystemNames::at(server)?,
            None => SystemNames::from_system()?,
        };
        let sender = Sender::new(names.clone(), settings.sending.url_policy.loopback)?;
        Ok(Self { names, sender })
    }
}

impl NativeHome {
    /// Puts the ports together over open stores.
    pub fn new(
        settings: Settings,
        stores: Stores,
        network: Network,
        journal: StderrJournal,
    ) -> Result<Self, SetupError> {
        let Network { names, sender } = network;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            stores,
            cache: ConfigCache::default(),
            sender,
            names,
            entropy: SystemEntropy::new()?,
            journal,
            large_bodies: LargeBodies::new(LARGE_BODIES_PER_CORE * cores),
            ingress_rate: RateLimit::new(settings.ingress.rate_per_minute),
            settings,
        })
    }

    /// Who makes the regular round.
    pub fn turns(&self) -> &Turns {
        &self.stores.turns
    }

    /// How often workers look.
    pub fn pace(&self) -> Pace {
        self.stores.pace
    }
}

impl Home for NativeHome {
    type Ledger = AnyLedger;
    type Config = AnyConfig;
    type Fetch = Sender;
    type Queue = Nudges;
    type Clock = SystemClock;
    type Entropy = SystemEntropy;
    type Journal = StderrJournal;

    fn ledger(&self) -> &AnyLedger {
        &self.stores.ledger
    }

    fn config(&self) -> &AnyConfig {
        &self.stores.config
    }

    fn config_cache(&self) -> &ConfigCache {
        &self.cache
    }

    fn fetch(&self) -> &Sender {
        &self.sender
    }

    fn queue(&self) -> &Nudges {
        &self.stores.nudges
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
        Service { home: "native", store: self.stores.name, promise: self.stores.promise() }
    }
}
