//! The workers of this process: they take due work from the ledger, and only from there.

use crate::home::NativeHome;
use crate::stores::Turns;
use crate::system::SystemClock;
use render_signal::calendar::Timestamp;
use render_signal::flow::{alone, lease, run, sweep};
use render_signal::ledger::{BATCH_BODY_KIB, Batch, Lease, LedgerError};
use render_signal::ports::{Home, Journal, Level, Line};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// Items worked on at once. Most of them wait for an answer; a slow target holds at most four.
const SLOTS: u32 = 128;

/// Bodies in work together stay under this many KiB: leasing waits for room.
const BODY_KIB: usize = 96 << 10;

/// The most that a batch brings, in KiB, each of its bodies rounded up. With so much room what is leased is started at once, so
/// that no lease runs out while its work waits.
const BATCH_KIB: usize = (BATCH_BODY_KIB + SLOTS) as usize;

/// How long a worker waits between two looks at the ledger when it took nothing.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// At least: whatever the ledger says, its caller does not spin.
    shortest: Duration,
    /// At most: what another process (the command line) released is found within it.
    longest: Duration,
}

impl Pace {
    /// Where looking costs little, and the ledger's clock is this process's.
    pub const ALONE: Self = Self { shortest: Duration::from_millis(5), longest: Duration::from_secs(2) };

    /// Where each look is a command, and the ledger's clock may be ahead of this process's or behind it.
    pub const SHARED: Self = Self { shortest: Duration::from_millis(100), longest: Duration::from_secs(5) };

    /// How long until there is more to do.
    fn until(self, next_due: Option<Timestamp>) -> Duration {
        let now = SystemClock::time();
        next_due.map_or(self.longest, |due| due.since(now)).clamp(self.shortest, self.longest)
    }
}

/// The pause after the ledger did not answer.
const OUTAGE_PAUSE: Duration = Duration::from_secs(1);

/// The pause between two rounds of the sweep.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Works until `stop` is set, then finishes what is in flight.
pub async fn work(home: Arc<NativeHome>, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(BODY_KIB));
    let mut tasks = JoinSet::new();
    while !*stop.borrow() {
        while tasks.try_join_next().is_some() {}
        let wait = match take(&home, free_slots(&tasks, &room)).await {
            Ok(batch) => {
                let took = !batch.leases.is_empty();
                for lease in batch.leases {
                    start(&home, &room, &mut tasks, lease).await;
                }
                if took { Duration::ZERO } else { home.pace().until(batch.next_due) }
            }
            Err(error) => {
                home.journal().log(
                    Line::new(Level::Error, "deliver", error.code(), "WORK: the ledger did not answer")
                        .with_cause(&error),
                );
                OUTAGE_PAUSE
            }
        };
        let full = free_slots(&tasks, &room) == 0;
        tokio::select! {
            () = tokio::time::sleep(wait), if !full => {}
            () = home.queue().wait(), if !full => {}
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            _ = stop.changed() => {}
        }
    }
    while tasks.join_next().await.is_some() {}
}

/// How many items may be leased; none while there is no room for what they may bring.
fn free_slots(tasks: &JoinSet<()>, room: &Semaphore) -> u32 {
    if room.available_permits() < BATCH_KIB {
        return 0;
    }
    SLOTS.saturating_sub(u32::try_from(tasks.len()).unwrap_or(u32::MAX))
}

/// Due work for the free slots; nothing while there is none.
async fn take(home: &NativeHome, slots: u32) -> Result<Batch, LedgerError> {
    if slots == 0 {
        return Ok(Batch { leases: Vec::new(), next_due: None, capped: false, config_version: 0 });
    }
    lease(home, slots).await
}

/// Starts one item; its place is its body's size.
async fn start(home: &Arc<NativeHome>, room: &Arc<Semaphore>, tasks: &mut JoinSet<()>, lease: Lease) {
    let kib = u32::try_from(lease.mail.mail.body.len().div_ceil(1 << 10)).unwrap_or(1).max(1);
    let Ok(place) = Arc::clone(room).acquire_many_owned(kib).await else { return };
    let home = Arc::clone(home);
    tasks.spawn(async move {
        run(&*home, lease).await;
        drop(place);
    });
}

/// Sweeps until `stop` is set; where several servers share the ledger, one at a time.
pub async fn sweep_regularly(home: Arc<NativeHome>, mut stop: watch::Receiver<bool>) {
    #[cfg(feature = "test-build")]
    if crate::testing::is_driven() {
        return;
    }
    match home.turns() {
        Turns::Alone => {
            let mut seen = None;
            while !*stop.borrow() {
                seen = sweep(&*home, seen).await;
                tokio::select! {
                    () = tokio::time::sleep(SWEEP_EVERY) => {}
                    _ = stop.changed() => {}
                }
            }
        }
        Turns::Locked(lock, post) => {
            let stopped = async {
                let _ = stop.wait_for(|stop| *stop).await;
            };
            alone(&*home, lock, *post, || sweep_for_ever(&home), stopped).await;
        }
    }
}

/// Sweeps until it is dropped, beginning with all that is held: what a round of another server saw is not known here.
async fn sweep_for_ever(home: &NativeHome) -> Infallible {
    let mut seen = None;
    loop {
        seen = sweep(home, seen).await;
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}
