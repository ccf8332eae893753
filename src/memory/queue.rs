//! Nudges, counted.

use super::faults::{Call, Faults};
use crate::ports::Queue;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

/// Counts the nudges that arrived. It wakes nobody: a test runs the work itself.
#[derive(Debug)]
pub struct MemoryQueue {
    nudges: AtomicU64,
    faults: Arc<Faults>,
}

impl MemoryQueue {
    /// A queue that nobody has nudged.
    pub const fn new(faults: Arc<Faults>) -> Self {
        Self { nudges: AtomicU64::new(0), faults }
    }

    /// How many nudges arrived.
    pub fn nudges(&self) -> u64 {
        self.nudges.load(Ordering::Relaxed)
    }
}

impl Queue for MemoryQueue {
    async fn nudge(&self) {
        let arrive = async {
            self.nudges.fetch_add(1, Ordering::Relaxed);
        };
        self.faults.pass(Call::Nudge, arrive).await;
    }
}
