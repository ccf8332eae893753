//! The stores on a Redis that several servers share.

use super::{AnyConfig, AnyLedger, Log, Stores, Turns};
use crate::fetch::Sender;
use crate::nudge::Nudges;
use crate::redis::{
    Durability, LEDGER_PREFIX, Link, LocalCopy, MigrationError, Outage, RedisConfig, RedisLedger, Servers, StoreTime,
    UrlError, Volatile, version_key,
};
use crate::worker::Pace;
use render_signal::config::Settings;
use render_signal::config::settings::RedisSettings;
use render_signal::ledger::LedgerError;
use render_signal::ports::{Level, Line};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A start waits so long for Redis, and then goes on without it.
const PATIENCE: Duration = Duration::from_secs(3);

/// The stores behind one link.
#[derive(Debug)]
pub struct Shared {
    /// The way to the server.
    pub link: Link,
    /// The ledger.
    pub ledger: RedisLedger,
    /// The configuration documents.
    pub config: RedisConfig,
}

/// Why a Redis cannot be used, now or later.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// `REDIS_URL` cannot be read.
    #[error("REDIS_URL: {0}")]
    Url(#[from] UrlError),
    /// The server is one that the stores cannot be on.
    #[error("REDIS_URL: {0}")]
    Unsupported(#[from] crate::redis::Unsupported),
    /// A newer server has been here.
    #[error("{0}")]
    Newer(MigrationError),
    /// It does not answer.
    #[error("REDIS_URL: {0}")]
    Away(String),
}

impl Shared {
    /// Begins to connect.
    pub fn start(settings: &Settings, redis: &RedisSettings, sender: &Sender, log: Log) -> Result<Self, UrlError> {
        let link = Link::start(Servers::parse(redis.url.reveal())?, log);
        let documents = &redis.documents;
        let ledger = RedisLedger::new(link.clone(), version_key(&documents.prefix), time(), settings.retention.bodies);
        let policy = settings.sending.url_policy.clone();
        let config = RedisConfig::of(documents, link.clone(), time(), sender.clone(), policy);
        Ok(Self { link, ledger, config })
    }

    /// Waits for Redis, for a while, and makes sure that it holds a ledger that this server understands.
    pub async fn ready(&self) -> Result<(), Unusable> {
        self.reached().await?;
        self.ledger.prepare().await?;
        Ok(())
    }

    /// The same for a command beside the servers, which makes none.
    pub async fn ready_for_a_command(&self) -> Result<(), Unusable> {
        self.reached().await?;
        Ok(self.ledger.is_understood().await?)
    }

    async fn reached(&self) -> Result<(), Unusable> {
        match self.link.connected(PATIENCE).await {
            Ok(()) => Ok(()),
            Err(Outage::Unsupported(unsupported)) => Err(unsupported.into()),
            Err(Outage::Down(cause)) => Err(Unusable::Away(cause)),
        }
    }
}

impl From<MigrationError> for Unusable {
    fn from(error: MigrationError) -> Self {
        match error {
            MigrationError::Failed(LedgerError::Unavailable(cause)) => Self::Away(cause),
            MigrationError::Failed(error) => Self::Away(error.to_string()),
            newer @ MigrationError::Newer { .. } => Self::Newer(newer),
        }
    }
}

/// Redis's own clock, which all servers share, unless a test sets the time.
fn time() -> StoreTime {
    #[cfg(feature = "test-build")]
    if crate::testing::is_driven() {
        return StoreTime::Set(std::sync::Arc::new(crate::system::SystemClock::time));
    }
    StoreTime::Server
}

impl Stores {
    pub(super) async fn on_redis(
        settings: &Settings,
        redis: &RedisSettings,
        sender: &Sender,
        log: Log,
    ) -> Result<Self, Unusable> {
        let shared = Shared::start(settings, redis, sender, Log::clone(&log))?;
        let volatile = if redis.allow_volatile { Volatile::Allowed } else { Volatile::Refused };
        let durability = Durability::start(shared.link.clone(), LEDGER_PREFIX, volatile, Log::clone(&log));
        match shared.ready().await {
            // Whoever pushes at once need not come again.
            Ok(()) => drop(durability.first(PATIENCE).await),
            Err(Unusable::Away(cause)) => {
                let msg = "REDIS: not there at the start; no mail is taken until it is";
                log(Line::new(Level::Error, "start", "store_unavailable", msg).with_cause(&cause));
            }
            Err(error) => return Err(error),
        }
        let Shared { link, ledger, config } = shared;
        let ledger = ledger.guarded(durability.clone()).telling(Log::clone(&log));
        let data_dir = Path::new(&settings.server.data_dir);
        let config = config.with_copy(LocalCopy::new(data_dir), Log::clone(&log));
        let in_data_dir = || data_dir.join("poller.lock");
        let file = redis.lock_file.as_ref().map_or_else(in_data_dir, PathBuf::from);
        let turns = Turns::locked(link.clone(), redis.lock_ttl, file, Log::clone(&log));
        Ok(Self {
            ledger: AnyLedger::Redis(ledger),
            config: AnyConfig::Redis(config),
            nudges: Nudges::everywhere(link, log),
            turns,
            pace: Pace::SHARED,
            name: "redis",
            durability: Some(durability),
            _alone: None,
        })
    }
}
