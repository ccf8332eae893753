//! A home: the ports of one platform, together.

use super::{Clock, ConfigStore, Entropy, Fetch, Journal, Ledger, Queue};
use crate::config::Settings;
use crate::flow::ConfigCache;

/// Everything a flow may ask of the world. The Worker and the native server each have one; so do the tests.
pub trait Home {
    /// Its ledger.
    type Ledger: Ledger;
    /// Its store of configuration documents.
    type Config: ConfigStore;
    /// Its way out to webhook receivers.
    type Fetch: Fetch;
    /// Its way to wake a worker.
    type Queue: Queue;
    /// Its clock.
    type Clock: Clock;
    /// Its randomness.
    type Entropy: Entropy;
    /// Its log.
    type Journal: Journal;

    /// The ledger.
    fn ledger(&self) -> &Self::Ledger;
    /// The configuration documents.
    fn config(&self) -> &Self::Config;
    /// The configuration read last, with its age.
    fn config_cache(&self) -> &ConfigCache;
    /// The way out.
    fn fetch(&self) -> &Self::Fetch;
    /// The waker.
    fn queue(&self) -> &Self::Queue;
    /// The clock.
    fn clock(&self) -> &Self::Clock;
    /// The randomness.
    fn entropy(&self) -> &Self::Entropy;
    /// The log.
    fn journal(&self) -> &Self::Journal;
    /// The settings of the environment, read once at start.
    fn settings(&self) -> &Settings;
}
