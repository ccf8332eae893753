//! Reading beside the writer.

use super::StoreClock;
use super::connection::Connection;
use render_signal::ledger::LedgerError;
use render_signal::sql::{SqlError, Store};
use std::sync::{Arc, Mutex, PoisonError};

/// A connection of its own for reading, so that lists and searches never wait for a sync, nor the writer for them.
#[derive(Clone)]
pub(super) struct Reader {
    connection: Arc<Mutex<Connection>>,
    clock: StoreClock,
}

impl Reader {
    /// A reader over a connection.
    pub(super) fn new(connection: Connection, clock: StoreClock) -> Self {
        Self { connection: Arc::new(Mutex::new(connection)), clock }
    }

    /// Runs a step that only reads, away from the async threads. What it reads belongs to one instant.
    pub(super) async fn call<T, E>(
        &self,
        step: impl FnOnce(&Store<'_, Connection>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<LedgerError> + From<SqlError> + Send + 'static,
    {
        let clock = StoreClock::clone(&self.clock);
        self.run(move |connection| connection.snapshot(|sql| step(&Store::new(sql, clock())))).await
    }

    /// The same with the bare connection.
    pub(super) async fn run<T, E>(
        &self,
        step: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<LedgerError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let read = move || step(&connection.lock().unwrap_or_else(PoisonError::into_inner));
        let stopped = |error| E::from(LedgerError::Unavailable(format!("the reader has stopped: {error}")));
        tokio::task::spawn_blocking(read).await.map_err(stopped)?
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}
