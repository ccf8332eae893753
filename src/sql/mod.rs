//! The ledger and the configuration documents over any SQLite: the native server's file and a Durable Object's storage run
//! these same statements.
//!
//! It is synchronous on purpose: each public function of [`Store`] is one step that the adapter runs inside one
//! transaction, committing on `Ok` and rolling back on `Err`. Nothing here opens files, commits, or reads a clock: the
//! adapter brings the store's own time.

mod admit;
mod calls;
mod claims;
mod configuration;
mod events;
mod lease;
mod plan;
mod publication;
mod record;
mod release;
mod remote;
mod rows;
mod schema;
mod sweep;
mod view;

pub use calls::{Answer, Call};
pub use publication::Listener;
pub use remote::{Remote, Transport};
pub use rows::{Cell, Param, Row, Sql, SqlError};
pub use schema::{MigrationError, SCHEMA_VERSION, Tables, migrate};

use crate::calendar::Timestamp;

/// The stores, as seen inside one transaction.
#[derive(Debug)]
pub struct Store<'a, S> {
    sql: &'a S,
    now: Timestamp,
}

impl<'a, S: Sql> Store<'a, S> {
    /// The stores over `sql`, at the store's own time `now`.
    pub fn new(sql: &'a S, now: Timestamp) -> Self {
        Self { sql, now }
    }
}

#[cfg(test)]
mod tests;
