//! The ledger and the configuration documents in one SQLite file.
//!
//! WAL, `synchronous=FULL`, one writer thread that commits concurrent requests as a group: each caller's step is durable when
//! it is answered, and many callers share one sync. What the steps do is the core's (`render_signal::sql`); this is only the
//! file, the thread and the commit.
#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method's own path is not general over the store's lifetime"
)]

mod connection;
mod data_dir;
mod ports;
mod reader;
mod space;
mod writer;

#[cfg(test)]
mod tests;

pub use data_dir::{DataDirError, DataDirLock, database};

use connection::Connection;
use reader::Reader;
use render_signal::calendar::Timestamp;
use render_signal::sql::{MigrationError, Tables, migrate};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use writer::Writer;

/// The store's own time.
pub type StoreClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file could not be opened or read.
    #[error("{path}: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        cause: rusqlite::Error,
    },
    /// The tables could not be brought to this server's version.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The writer thread could not be started.
    #[error("the writer could not be started: {0}")]
    Thread(std::io::Error),
}

/// The stores of the embedded home. Cheap to clone; the last clone to go lets the writer finish.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: Writer,
    reader: Reader,
    path: Arc<Path>,
}

impl SqliteStore {
    /// Opens the file, makes or migrates its tables, and starts the writer.
    pub fn open(path: &Path, clock: StoreClock) -> Result<Self, OpenError> {
        let file = |cause| OpenError::File { path: path.to_owned(), cause };
        let connection = Connection::open_writer(path).map_err(file)?;
        connection.transaction(|sql| migrate(sql, Tables::All))?;
        let reader = Reader::new(Connection::open_reader(path).map_err(file)?, Arc::clone(&clock));
        let writer = Writer::start(connection, clock).map_err(OpenError::Thread)?;
        Ok(Self { writer, reader, path: Arc::from(path) })
    }

    /// Makes all leases void: for the one server that holds the lock of the data directory.
    pub async fn void_leases(&self) -> Result<(), render_signal::ledger::LedgerError> {
        self.writer.call(|store| store.void_leases()).await
    }
}
