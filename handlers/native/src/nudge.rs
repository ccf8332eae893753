//! Waking workers: those of this process at once, and with a shared store those of the others too.
//!
//! The ledger owns the schedule. A nudge that is lost costs a look a few seconds later, and nothing else.

mod everywhere;

use crate::redis::Link;
use crate::stores::Log;
use everywhere::Everywhere;
use render_signal::ports::Queue;
use std::sync::Arc;
use tokio::sync::Notify;

/// Wakes the workers of this process, and tells the other ones.
#[derive(Debug)]
pub struct Nudges {
    here: Arc<Notify>,
    everywhere: Option<Everywhere>,
}

impl Nudges {
    /// For a server that works alone.
    pub fn here() -> Self {
        Self { here: Arc::default(), everywhere: None }
    }

    /// For servers that share a Redis. Must be called inside a tokio runtime.
    pub fn everywhere(link: Link, log: Log) -> Self {
        let here = Arc::<Notify>::default();
        let everywhere = Some(Everywhere::start(link, Arc::clone(&here), log));
        Self { here, everywhere }
    }

    /// What this process leaves behind is for the others: to be said last, when it holds nothing any more.
    pub async fn say_farewell(&self) {
        if let Some(everywhere) = &self.everywhere {
            everywhere.tell_now().await;
        }
    }

    /// Waits for a nudge. One that came while nobody waited is not lost.
    pub async fn wait(&self) {
        self.here.notified().await;
    }
}

impl Queue for Nudges {
    async fn nudge(&self) {
        self.here.notify_one();
        if let Some(everywhere) = &self.everywhere {
            everywhere.tell();
        }
    }
}

#[cfg(test)]
mod tests;
