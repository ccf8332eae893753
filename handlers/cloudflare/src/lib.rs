//! Home 1: the Cloudflare Worker.
//!
//! Adapters only: the ports on a Durable Object and on `fetch`, the conversion of requests, and the platform's events. What
//! happens to a mail is decided in the core, the HTTP surface in the handlers.
#![cfg(target_arch = "wasm32")]

mod answering;
mod config;
mod events;
mod fetch;
mod home;
mod http;
mod ledger;
mod names;
mod queue;
mod storage;
mod system;
#[cfg(feature = "test-build")]
mod testing;

pub use config::Config;
pub use ledger::Ledger;
