//! Every port in memory, able to fail on command: the home that the tests of the flows live in, and the model that other
//! stores are compared with.
//!
//! | part | what it is for |
//! |---|---|
//! | [`MemoryHome`] | one process: a configuration cache of its own over ports that its siblings share |
//! | [`MemoryStore`] | the ledger and the configuration documents, in plain Rust structures |
//! | [`Faults`] | which port call fails or is the process's last, before or after it took effect |
//! | [`MemoryClock`] | time that stands still until somebody sleeps or moves it |
//! | [`MemoryLock`] | locks that end by that clock |
//! | [`MemoryFetch`] | receivers that answer by script, and remember every request |
//!
//! Nothing here is durable, and nothing waits for real time. It does not share code with [`crate::sql`]: two ways to the
//! same answers are what makes comparing them worth while.

mod clock;
mod entropy;
mod faults;
mod fetch;
mod home;
mod journal;
mod lock;
mod names;
mod queue;
mod store;

pub use clock::{MemoryClock, Passing};
pub use entropy::MemoryEntropy;
pub use faults::{Call, Fault, Faults, Side};
pub use fetch::{MemoryFetch, Received, Reply};
pub use home::{Builder, MemoryHome};
pub use journal::MemoryJournal;
pub use lock::MemoryLock;
pub use names::MemoryNames;
pub use queue::MemoryQueue;
pub use store::MemoryStore;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A test that panicked while holding a lock has failed already; the others go on.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
