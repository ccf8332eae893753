//! The ledger in a Durable Object: the object itself, and the way to it.

mod alarm;
mod object;
mod sql;
mod transport;

/// What an object may hold: the platform's limit of an object on the paid plan, in bytes.
const LIMIT: u64 = 10_000_000_000;

pub use object::Ledger;
pub(crate) use transport::ObjectTransport;
