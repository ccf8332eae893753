//! The traits the homes implement: what the core needs from the world, and nothing more.

mod fetch;
mod names;

pub use fetch::{Fetch, Outgoing, Tls};
pub use names::{Names, NamesError};
