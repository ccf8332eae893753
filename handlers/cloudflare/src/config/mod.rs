//! The configuration documents in a Durable Object of their own, and their copy in KV.
//!
//! The object is where they are written and, as long as it answers, where they are read. The copy is for the time it does not.

mod copy;
mod object;
mod store;

pub use object::Config;
pub(crate) use store::ObjectConfig;
