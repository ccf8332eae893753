//! The traits the homes implement: what the core needs from the world, and nothing more.

mod names;

pub use names::{Names, NamesError};
