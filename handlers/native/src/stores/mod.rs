//! Where this server keeps its state: the settings decide, and everything else asks the ports.
//!
//! Without `REDIS_URL` it is a file in the data directory, which one server has alone. With it, it is a Redis that several servers
//! share.

mod config;
mod ledger;
mod on_redis;
mod on_sqlite;
mod turns;

pub use config::AnyConfig;
pub use ledger::AnyLedger;
pub use on_redis::{Shared, Unusable};
pub use on_sqlite::{Alone, NoStore};
pub use turns::{PollerLock, Turns};

use crate::fetch::Sender;
use crate::nudge::Nudges;
use crate::redis::Durability;
pub use crate::redis::Log;
use crate::worker::Pace;
use render_signal::config::Settings;
use render_signal_handlers::http::Promise;

/// Everything of a server that outlives it, and the ways to the other servers that share it.
#[derive(Debug)]
pub struct Stores {
    /// The ledger.
    pub ledger: AnyLedger,
    /// The configuration documents.
    pub config: AnyConfig,
    /// The way to wake workers.
    pub nudges: Nudges,
    /// Who makes the regular round.
    pub turns: Turns,
    /// How often workers look.
    pub pace: Pace,
    /// What it is, in a word.
    pub name: &'static str,
    /// What watches whether the store keeps what it takes; `None`: it does.
    durability: Option<Durability>,
    /// Held as long as the stores are in use.
    _alone: Option<Alone>,
}

/// Why there are no stores.
#[derive(Debug, thiserror::Error)]
pub enum StoresError {
    /// The file, or the data directory, cannot be used.
    #[error(transparent)]
    Sqlite(#[from] NoStore),
    /// Redis cannot be used, and will not be without a change.
    #[error(transparent)]
    Redis(#[from] Unusable),
}

impl Stores {
    /// Opens what the settings name, for a server. A Redis that does not answer is no reason to fail: the server begins, refuses
    /// mails, and works as soon as it is there.
    pub async fn open(settings: &Settings, sender: &Sender, log: Log) -> Result<Self, StoresError> {
        match &settings.server.redis {
            None => Ok(Self::on_sqlite(settings).await?),
            Some(redis) => Ok(Self::on_redis(settings, redis, sender, log).await?),
        }
    }

    /// Whether what is taken outlives a power cut.
    pub fn promise(&self) -> Promise {
        self.durability.as_ref().map_or(Promise::Kept, Durability::promise)
    }
}
