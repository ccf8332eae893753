//! The edge: one HTTP surface, the same on both homes.
//!
//! Handlers parse at the edge, call one flow of the core, and turn its answer into a response. They decide nothing.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]
#![allow(async_fn_in_trait)] // the homes are concrete types, so callers never have to name the futures
#![deny(missing_docs)]

pub mod http;
