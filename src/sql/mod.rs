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
mod notify;
mod plan;
mod publication;
mod record;
mod release;
mod remote;
mod rows;
mod schema;
mod sweep;
mod view;
mod wire;

pub use calls::{Answer, Call};
pub use notify::{FIRST_SILENCE, LONGEST_SILENCE, Overdue};
pub use publication::Listener;
pub use remote::{Remote, Transport};
pub use rows::{Cell, Param, Row, Sql, SqlError};
pub use schema::{MigrationError, SCHEMA_VERSION, Tables, migrate};
pub use wire::WireError;

use crate::calendar::Timestamp;
use crate::ledger::Fullness;

/// The stores, as seen inside one transaction.
#[derive(Debug)]
pub struct Store<'a, S> {
    sql: &'a S,
    now: Timestamp,
    fullness: Fullness,
}

impl<'a, S: Sql> Store<'a, S> {
    /// The stores over `sql`, at the store's own time `now`.
    pub fn new(sql: &'a S, now: Timestamp) -> Self {
        Self { sql, now, fullness: Fullness { used: 0, limit: None } }
    }

    /// Says how full the store is: one that is too full takes no more mails. Unless this is said, there is room.
    #[must_use]
    pub fn filled(self, fullness: Fullness) -> Self {
        Self { fullness, ..self }
    }
}

#[cfg(test)]
mod tests;
