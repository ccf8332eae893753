//! Home 2: the native server. The ports on SQLite, the system's resolver and the system clock.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod fetch;
pub mod names;
