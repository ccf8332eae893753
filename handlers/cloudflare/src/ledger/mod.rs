//! The ledger in a Durable Object: the object itself, and the way to it.

mod alarm;
mod object;
mod transport;

pub use object::Ledger;
pub(crate) use transport::ObjectTransport;

/// The name of the one ledger object, and of the one that holds its documents: an object of documents tells the ledger of its
/// own name.
pub(crate) const STORE: &str = "ledger";
