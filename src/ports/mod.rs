//! What the core needs from the world, as traits that the homes implement.
//!
//! Plain `async fn` without a `Send` bound: the native home's concrete futures are `Send` on their own, and a Worker has
//! one thread. Nothing here knows how a port is built, and no method may assume that it is alone in its process.
#![allow(async_fn_in_trait)] // the homes are concrete types, so callers never have to name the futures

mod clock;
mod config_store;
mod entropy;
mod fetch;
mod home;
mod journal;
mod ledger;
mod lock;
mod names;
mod queue;

pub use clock::Clock;
pub use config_store::{ConfigError, ConfigStore, Loaded, Origin, StoredDocument, Write};
pub use entropy::Entropy;
pub use fetch::{Fetch, Outgoing, Tls};
pub use home::Home;
pub use journal::{Journal, Level, Line};
pub use ledger::Ledger;
pub use lock::{HeldLock, Lock, LockError};
pub use names::{Names, NamesError};
pub use queue::Queue;
