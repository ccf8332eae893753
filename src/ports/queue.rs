//! Waking a worker.

/// A nudge says "there is something due", nothing more. The ledger owns the schedule, so a nudge that is lost, late or
/// repeated changes nothing: the sweep wakes somebody later.
pub trait Queue {
    /// Wakes a worker soon. Idempotent; a failure is not reported, because nothing depends on it.
    async fn nudge(&self);
}
