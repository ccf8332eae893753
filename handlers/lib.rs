//! The edge: one HTTP surface (`http`) and the platform events (`events`), the same on both homes.
//!
//! Handlers parse at the edge, call one flow of the core, and turn its answer into a response. They decide nothing.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]
