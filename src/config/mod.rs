//! Everything that can be set: the environment, the stored documents, and what a flow needs of both, resolved once.
//!
//! | part | changes | read by |
//! |---|---|---|
//! | [`Settings`] | with a restart | the home, once |
//! | [`document`] | while running, each change a version | the config store's readers |
//! | [`Snapshot`] | with each version | the flows |
//!
//! It reads no environment and no store: values are handed in, and what is wrong with them is handed back.

pub mod document;
mod mode;
mod published;
pub mod settings;
pub mod snapshot;

pub use document::{Checked, DocumentError, DocumentKey, Report};
#[cfg(test)]
mod testing;

pub use published::{read_copy, write_copy};
pub use settings::{Place, Settings};
pub use snapshot::Snapshot;
