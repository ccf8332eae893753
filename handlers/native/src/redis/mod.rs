//! The stores on Redis, for several containers that share the work.
//!
//! Each step of the ledger is one Lua script, which Redis runs alone: the steps that SQLite runs in a transaction. What is kept
//! and under which keys stands in `lua/prelude.lua`.

pub mod config;
mod link;

#[cfg(test)]
#[path = "../../../../tests/it/harness/redis_server.rs"]
mod server;

pub use config::{RedisConfig, version_key};
pub use link::{Link, LinkError, StoreTime};
