//! One look at the primary at a time, shared by all who asked before it began.

use render_signal::ports::{ConfigError, Loaded};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// The looks of a process: a burst of readers makes two of them, not one each.
#[derive(Debug, Default)]
pub(super) struct Loads {
    /// Counts arrivals of readers and beginnings of looks.
    order: AtomicU64,
    last: Mutex<Option<Look>>,
}

#[derive(Debug)]
struct Look {
    begun: u64,
    outcome: Result<Loaded, ConfigError>,
}

impl Loads {
    /// The outcome of a look that began after this call did: one that is made now, or another reader's.
    pub(super) async fn share(
        &self,
        look: impl AsyncFnOnce() -> Result<Loaded, ConfigError>,
    ) -> Result<Loaded, ConfigError> {
        let arrived = self.order.fetch_add(1, Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if let Some(look) = last.as_ref().filter(|look| look.begun > arrived) {
            return look.outcome.clone();
        }
        let begun = self.order.fetch_add(1, Ordering::SeqCst);
        let outcome = look().await;
        *last = Some(Look { begun, outcome: outcome.clone() });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::Loads;
    use futures_util::future::join_all;
    use render_signal::ports::{Loaded, Origin};
    use std::sync::atomic::{AtomicU64, Ordering};

    #[tokio::test]
    async fn a_burst_shares_a_look_and_nobody_gets_an_older_one() {
        let (loads, looks) = (Loads::default(), AtomicU64::new(0));
        let look = async || {
            let version = looks.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::task::yield_now().await;
            Ok(Loaded { version, documents: Vec::new(), origin: Origin::Primary })
        };
        let burst = join_all((0..50).map(|_| loads.share(look))).await;
        let versions: Vec<_> = burst.into_iter().map(|loaded| loaded.unwrap().version).collect();
        assert_eq!(versions.iter().filter(|version| **version == 1).count(), 1, "who came first looks alone");
        assert_eq!(looks.load(Ordering::SeqCst), 2, "{versions:?}");
        assert_eq!(loads.share(look).await.unwrap().version, 3, "who comes later looks anew");
    }
}
