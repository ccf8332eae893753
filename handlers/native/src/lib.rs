//! Home 2: the native server. The ports on SQLite or Redis, the system's resolver and the system clock.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod cli;
pub mod environment;
pub mod fetch;
pub mod home;
mod lock_file;
pub mod names;
pub mod nudge;
pub mod redis;
pub mod secrets;
pub mod server;
pub mod sqlite;
pub mod start;
pub mod stores;
pub mod system;
#[cfg(feature = "test-build")]
mod testing;
pub mod worker;
