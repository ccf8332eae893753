//! Working off what is due, for a home that is woken, works for a while and goes.

use super::places::Places;
use super::work::{lease, run_within};
use crate::ledger::LedgerError;
use crate::ports::{Clock, Home, Queue};
use futures_util::future::join_all;

/// Takes due work, at most `at_once` items a round, and runs it to its end with at most `at_once` requests under way;
/// again while the ledger says that there is more, for at most `rounds` rounds. What is left then, somebody else is woken for.
///
/// A mail with one delivery costs three calls of the ledger: it is leased, planned together with the lease of its delivery, and
/// recorded. Returns how many items were taken. After an error, what was taken before has been run.
pub async fn drain<H: Home>(home: &H, at_once: u32, rounds: u32) -> Result<usize, LedgerError> {
    let places = Places::new(at_once);
    let mut taken = 0;
    for round in 1..=rounds {
        let batch = lease(home, at_once).await?;
        let count = batch.leases.len();
        taken += count;
        join_all(batch.leases.into_iter().map(|lease| run_within(home, lease, &places))).await;
        let due = batch.next_due.is_some_and(|due| due <= home.clock().now());
        let freed = batch.capped && count > 0;
        if !due && !freed {
            break;
        }
        // Work that is due and never handed out would have one worker wake the next for ever.
        if round == rounds && count > 0 {
            home.queue().nudge().await;
        }
    }
    Ok(taken)
}
