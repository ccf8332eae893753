//! What time it is.

use crate::calendar::Timestamp;
use core::time::Duration;

/// The only source of time of the core. Tests set it.
pub trait Clock {
    /// The present instant. Cheap; never fails. On Workers it stands still between two waits.
    fn now(&self) -> Timestamp;

    /// Returns once `time` has passed. Used to renew leases and to bound calls, never to schedule work: due work is the
    /// ledger's business and outlives the process.
    async fn sleep(&self, time: Duration);
}
