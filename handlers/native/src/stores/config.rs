//! The configuration documents, wherever they are.

use crate::redis::RedisConfig;
use crate::sqlite::SqliteStore;
use render_signal::ports::{ConfigError, ConfigStore, Loaded, StoredDocument, Write};

/// One of the stores of documents of this home.
#[derive(Debug)]
pub enum AnyConfig {
    /// In the file of the ledger.
    Sqlite(SqliteStore),
    /// On Redis.
    Redis(RedisConfig),
}

impl ConfigStore for AnyConfig {
    async fn load(&self) -> Result<Loaded, ConfigError> {
        match self {
            Self::Sqlite(store) => store.load().await,
            Self::Redis(store) => store.load().await,
        }
    }

    async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        match self {
            Self::Sqlite(store) => store.write(write).await,
            Self::Redis(store) => store.write(write).await,
        }
    }
}
