//! The HTTP surface: [`handle`] over plain requests and responses, with one route table.
//!
//! A home converts its own requests into [`Call`]s and sends the responses as they are. Streams, sockets and timeouts are the
//! home's business.

mod access;
mod body;
mod files;
mod health;
mod incoming;
mod ingress;
mod problem;
mod push;
mod rate;
mod response;
mod router;
mod site;
#[cfg(feature = "test-build")]
pub mod testing;
#[cfg(test)]
mod tests;

pub use files::{File, file};
pub use incoming::{Incoming, LargeBodies, ReadError};
pub use problem::{internal_error, not_configured, timed_out};
pub use rate::RateLimit;
pub use router::{Call, handle};
pub use site::{Promise, Service, Site};
