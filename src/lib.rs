//! The core of Render Signal: what the product decides.
//!
//! No HTTP server, no platform, no clock, no randomness, no environment: those come through [`ports`]. The same code
//! runs in the Cloudflare Worker and in the native server.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]
#![deny(missing_docs)]

pub mod access;
mod as_text;
pub mod calendar;
pub mod config;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod delivery;
pub mod detect;
pub mod files;
pub mod flow;
pub mod ledger;
pub mod links;
pub mod mail;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod ports;
pub mod rules;
pub mod sql;
mod unicode;
