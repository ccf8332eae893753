//! The version of what is stored, so that old and new servers can run side by side while one replaces the other.

use super::RedisLedger;
use super::row::Row;
use super::script::{Effect, Parts, Step};
use render_signal::ledger::LedgerError;
use std::sync::atomic::Ordering;

/// The version this code writes.
pub(super) const SCHEMA_VERSION: i64 = 1;

/// The oldest version of the code that can read and change what this code writes. A version that only adds what older servers
/// leave alone keeps this number; one that they would corrupt raises it, and they refuse to go on.
const OLDEST_READER: i64 = 1;

static MIGRATE: Step = Step::new(Effect::Finishes, Parts::Bare, include_str!("../lua/migrate.lua"));

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepared {
    /// A store without a ledger: a new one, or one that was emptied.
    Made,
    /// A ledger of this version, or of a newer one that this server can work with.
    Ready,
    /// A ledger of an older version, which this server's replaced.
    Raised,
}

/// Why a store cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrationError {
    /// It was written by a newer server, in a way that this one does not understand.
    #[error(
        "Redis holds a ledger of version {found}, this server knows {SCHEMA_VERSION}: run the newer server again, or restore a backup"
    )]
    Newer {
        /// The version found.
        found: i64,
    },
    /// It did not answer.
    #[error(transparent)]
    Failed(#[from] LedgerError),
}

impl RedisLedger {
    /// Makes sure that this program understands what is there, and changes nothing: for commands. Were one to begin a ledger in a
    /// store that was emptied, no server would notice that it was.
    pub async fn is_understood(&self) -> Result<(), MigrationError> {
        let mut ask = redis::cmd("HMGET");
        ask.arg(format!("{}meta", self.prefix())).arg("oldest_reader").arg("schema");
        let answer = self.link.command(&ask).await.map_err(LedgerError::from)?;
        let found: (Option<i64>, Option<i64>) =
            redis::from_redis_value(answer).map_err(|error| LedgerError::Corrupt(error.to_string()))?;
        match found {
            (Some(oldest), schema) if oldest > SCHEMA_VERSION => {
                Err(MigrationError::Newer { found: schema.unwrap_or(oldest) })
            }
            _ => Ok(()),
        }
    }

    /// Brings the store to this version. Doing it again changes nothing, and says whether the store was emptied meanwhile.
    pub async fn prepare(&self) -> Result<Prepared, MigrationError> {
        let mut call = MIGRATE.invocation();
        call.key(self.prefix()).arg(SCHEMA_VERSION).arg(OLDEST_READER).arg(self.bodies_kept());
        let row = Row::of(self.run(&call).await?)?;
        let prepared = match row.text(0)?.as_str() {
            "made" => Prepared::Made,
            "same" => Prepared::Ready,
            "raised" => Prepared::Raised,
            _ => return Err(MigrationError::Newer { found: row.int(1)? }),
        };
        self.watch.prepared.store(true, Ordering::Relaxed);
        Ok(prepared)
    }
}
