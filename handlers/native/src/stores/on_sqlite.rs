//! The stores in a file of the data directory.

use super::{AnyConfig, AnyLedger, Stores, Turns};
use crate::nudge::Nudges;
use crate::sqlite::{DataDirError, DataDirLock, OpenError, SqliteStore};
use crate::system::SystemClock;
use crate::worker::Pace;
use render_signal::config::Settings;
use render_signal::ledger::LedgerError;
use std::path::Path;
use std::sync::Arc;

/// Being the only server on a data directory.
#[derive(Debug)]
pub struct Alone {
    _lock: DataDirLock,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NoStore {
    /// Its directory cannot.
    #[error(transparent)]
    Directory(#[from] DataDirError),
    /// It cannot be opened.
    #[error(transparent)]
    File(#[from] OpenError),
    /// It cannot be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Stores {
    pub(super) async fn on_sqlite(settings: &Settings) -> Result<Self, NoStore> {
        let lock = DataDirLock::take(Path::new(&settings.server.data_dir))?;
        let store = SqliteStore::open(lock.database(), Arc::new(SystemClock::time))?;
        // Nobody else works on this store: whatever was leased when the last server ended is due again at once.
        store.void_leases().await?;
        Ok(Self {
            ledger: AnyLedger::Sqlite(store.clone()),
            config: AnyConfig::Sqlite(store),
            nudges: Nudges::here(),
            turns: Turns::Alone,
            pace: Pace::ALONE,
            name: "sqlite",
            durability: None,
            _alone: Some(Alone { _lock: lock }),
        })
    }
}
