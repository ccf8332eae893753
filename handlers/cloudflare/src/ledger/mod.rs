//! The ledger in a Durable Object: the object itself, and the way to it.

mod object;
mod sql;
mod transport;

pub use object::Ledger;
pub(crate) use transport::ObjectTransport;
