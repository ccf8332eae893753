//! Black-box tests against the running server, over real HTTP.
//!
//! `harness` starts a server in a home (`TEST_HOME`: native, native on Redis, or the Worker) and a receiver for its webhooks; each other module holds the
//! cases of one promise, which every home keeps. What only the native home has is tested under `native`,
//! and what becomes of several servers on one Redis, and of a Redis that fails, under `redis`.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "these are tests, with a clock of their own"
)]

mod acceptance;
mod apps_script;
mod delivery;
mod differential;
mod docs;
mod durability;
mod encodings;
mod gates;
mod harness;
mod hostile;
mod isolation;
mod logs;
mod native;
mod odd;
mod operator;
mod outcomes;
mod redis;
mod searches;
mod secrecy;
mod signing;
mod sizes;
mod source;
mod surface;
mod tls;
