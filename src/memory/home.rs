//! A home in memory.

use super::clock::{MemoryClock, Passing};
use super::{Faults, MemoryEntropy, MemoryFetch, MemoryJournal, MemoryLock, MemoryNames, MemoryQueue, MemoryStore};
use crate::calendar::Timestamp;
use crate::config::settings::Problem;
use crate::config::{Place, Settings};
use crate::flow::ConfigCache;
use crate::ports::Home;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One process. Its ports are shared with its siblings; its configuration cache is its own.
#[derive(Debug)]
pub struct MemoryHome {
    shared: Arc<Shared>,
    cache: ConfigCache,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    faults: Arc<Faults>,
    clock: MemoryClock,
    store: MemoryStore,
    fetch: MemoryFetch,
    queue: MemoryQueue,
    names: MemoryNames,
    locks: MemoryLock,
    entropy: MemoryEntropy,
    journal: MemoryJournal,
}

impl MemoryHome {
    /// What a home is made of, unless said otherwise: no settings, 10 April 2026 12:00 UTC (a Friday, 14:00 in Paris),
    /// time that passes by itself, seed 1.
    pub fn builder() -> Builder {
        Builder {
            settings: BTreeMap::new(),
            now: Timestamp::from_millis(1_775_822_400_000),
            passing: Passing::ByItself,
            seed: 1,
        }
    }

    /// Another process over the same stores, at the same time, in the same world: another isolate, or this one after its
    /// death.
    #[must_use]
    pub fn sibling(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), cache: ConfigCache::default() }
    }

    /// What goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The locks, as each process sees them.
    pub fn locks(&self) -> MemoryLock {
        self.shared.locks.clone()
    }

    /// The name system.
    pub fn names(&self) -> &MemoryNames {
        &self.shared.names
    }
}

impl Home for MemoryHome {
    type Ledger = MemoryStore;
    type Config = MemoryStore;
    type Fetch = MemoryFetch;
    type Queue = MemoryQueue;
    type Clock = MemoryClock;
    type Entropy = MemoryEntropy;
    type Journal = MemoryJournal;

    fn ledger(&self) -> &MemoryStore {
        &self.shared.store
    }

    fn config(&self) -> &MemoryStore {
        &self.shared.store
    }

    fn config_cache(&self) -> &ConfigCache {
        &self.cache
    }

    fn fetch(&self) -> &MemoryFetch {
        &self.shared.fetch
    }

    fn queue(&self) -> &MemoryQueue {
        &self.shared.queue
    }

    fn clock(&self) -> &MemoryClock {
        &self.shared.clock
    }

    fn entropy(&self) -> &MemoryEntropy {
        &self.shared.entropy
    }

    fn journal(&self) -> &MemoryJournal {
        &self.shared.journal
    }

    fn settings(&self) -> &Settings {
        &self.shared.settings
    }
}

/// Makes a [`MemoryHome`].
#[derive(Debug, Clone)]
pub struct Builder {
    settings: BTreeMap<String, String>,
    now: Timestamp,
    passing: Passing,
    seed: u64,
}

impl Builder {
    /// Sets a variable of the environment.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets the time it begins at.
    #[must_use]
    pub const fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Says how time passes.
    #[must_use]
    pub const fn passing(mut self, passing: Passing) -> Self {
        self.passing = passing;
        self
    }

    /// Sets the seed of its randomness.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The home, or every problem with its settings.
    pub fn build(self) -> Result<MemoryHome, Vec<Problem>> {
        let lookup = |name: &str| self.settings.get(name).cloned();
        let settings = Settings::read(&lookup, Place::Native)?;
        let faults = Arc::new(Faults::default());
        let clock = MemoryClock::new(self.now, self.passing, Arc::clone(&faults));
        let shared = Shared {
            settings,
            store: MemoryStore::new(clock.clone(), Arc::clone(&faults)),
            fetch: MemoryFetch::new(clock.clone(), Arc::clone(&faults)),
            queue: MemoryQueue::new(Arc::clone(&faults)),
            names: MemoryNames::new(Arc::clone(&faults)),
            locks: MemoryLock::new(clock.clone(), Arc::clone(&faults)),
            entropy: MemoryEntropy::new(self.seed),
            journal: MemoryJournal::default(),
            clock,
            faults,
        };
        Ok(MemoryHome { shared: Arc::new(shared), cache: ConfigCache::default() })
    }
}
