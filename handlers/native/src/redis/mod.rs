//! The stores on Redis, for several containers that share the work.
//!
//! Each step of the ledger is one Lua script, which Redis runs alone: the steps that SQLite runs in a transaction. What is kept
//! and under which keys stands in `lua/prelude.lua`.

pub mod config;
mod durability;
mod facts;
mod ledger;
mod link;
mod lock;
mod report;

#[cfg(test)]
mod acl;
#[cfg(test)]
mod failover;
#[cfg(test)]
#[path = "../../../../tests/it/harness/redis_server.rs"]
pub(crate) mod server;

pub use config::{LocalCopy, RedisConfig, version_key};
pub use durability::{Durability, Verdict, Volatile, Waits, Weakness};
pub use facts::{AppendLog, Facts, Mode, Role, Unsupported};
pub use ledger::{MigrationError, PREFIX as LEDGER_PREFIX, Prepared, RedisLedger};
pub use link::{Link, LinkError, Log, Outage, Servers, StoreTime, UrlError};
pub use lock::RedisLock;
pub use report::{Refused, report};
