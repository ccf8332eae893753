//! The regular round: held work whose cause is gone is let go, what retention no longer keeps is removed.

use super::configuration::refresh;
use crate::calendar::Timestamp;
use crate::config::Snapshot;
use crate::ledger::{Fullness, HoldReason, LedgerError, Pass, Release, Retention, Selection};
use crate::ports::{Clock, Home, Journal, Ledger, Level, Line, Queue};
use core::time::Duration;

/// Pages of retention in one round: a round stays short, and the next one goes on.
const PAGES: usize = 20;

/// For so long after a configuration was first seen, a decision made under the one before may still be recorded: readers
/// keep theirs for 30 seconds, and a step, its record included, takes less than the rest.
const SETTLING: Duration = Duration::from_mins(2);

/// What a round leaves to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    version: u64,
    first_seen: Timestamp,
    settled: bool,
}

/// One round. `seen` is what the round before returned. Held work is looked at again when the configuration is new, because
/// nothing else can have taken its cause away, and once more when it has settled, because until then another process may
/// have held work for a cause that is gone.
pub async fn sweep<H: Home>(home: &H, seen: Option<Round>) -> Option<Round> {
    let snapshot = match refresh(home).await {
        Ok(snapshot) => snapshot,
        Err(error) => {
            let line =
                Line::new(Level::Error, "sweep", "config_unavailable", "SWEEP: the configuration could not be read");
            home.journal().log(line.with_cause(&error));
            return seen;
        }
    };
    let round = Round::of(seen, snapshot.version, home.clock().now());
    let due = seen.is_none_or(|seen| seen.version != round.version || seen.settled != round.settled);
    let released = if due { release_all(home, &snapshot).await } else { Ok(0) };
    match released {
        Ok(0) => {}
        Ok(count) => {
            home.journal().log(Line::new(
                Level::Info,
                "sweep",
                "released",
                format!("SWEEP: {count} held item(s) looked at again"),
            ));
            home.queue().nudge().await;
        }
        Err(error) => {
            log_failure(home, &error);
            return seen;
        }
    }
    if let Err(error) = retain(home, &snapshot).await {
        log_failure(home, &error);
    }
    Some(round)
}

impl core::fmt::Display for Round {
    /// As [`Round::parse`] reads it.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} {} {}", self.version, self.first_seen.as_millis(), u8::from(self.settled))
    }
}

impl Round {
    /// Reads a round that was written before, for a home whose processes do not outlive a round. `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (version, first_seen) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let settled = match words.next()? {
            "0" => false,
            "1" => true,
            _ => return None,
        };
        words.next().is_none().then_some(Self { version, first_seen: Timestamp::from_millis(first_seen), settled })
    }

    fn of(seen: Option<Self>, version: u64, now: Timestamp) -> Self {
        let first_seen = seen.filter(|seen| seen.version == version).map_or(now, |seen| seen.first_seen);
        Self { version, first_seen, settled: now.since(first_seen) >= SETTLING }
    }
}

/// Lets everything go that a changed configuration may have freed. What it did not free is held again, with its reason.
async fn release_all<H: Home>(home: &H, snapshot: &Snapshot) -> Result<u64, LedgerError> {
    let started = home.clock().now();
    let mut total = 0;
    for reason in HoldReason::ALL.iter().filter(|reason| may_be_free(**reason, snapshot)) {
        loop {
            let release = Release { which: Selection::Reason(*reason, started), pass: Pass::Due };
            let count = home.ledger().release(release).await?;
            total += count;
            if count == 0 {
                break;
            }
        }
    }
    Ok(total)
}

/// Whether a change of configuration can have taken this cause away.
fn may_be_free(reason: HoldReason, snapshot: &Snapshot) -> bool {
    match reason {
        HoldReason::TargetDisabled | HoldReason::GivenUp | HoldReason::StoreCorrupt => false,
        HoldReason::SendingDisabled => snapshot.sending.enabled,
        HoldReason::NoTarget
        | HoldReason::ByRule
        | HoldReason::OutsideWindow
        | HoldReason::WindowNeverOpens
        | HoldReason::AbsenceDay
        | HoldReason::RateLimited
        | HoldReason::TargetRefused => true,
    }
}

async fn retain<H: Home>(home: &H, snapshot: &Snapshot) -> Result<(), LedgerError> {
    for _ in 0..PAGES {
        // A store that fills up lets the oldest ended bodies go first, whatever their age, until there is room again.
        let crowded = home.ledger().fullness().await?.percent() >= Fullness::DEGRADED_PERCENT;
        let bodies = if crowded { Duration::ZERO } else { snapshot.retention.bodies };
        let retention = Retention { bodies, records: snapshot.retention.records };
        let swept = home.ledger().sweep(&retention).await?;
        if swept.bodies + swept.records > 0 {
            let msg = format!("RETENTION: {} bodies and {} records removed", swept.bodies, swept.records);
            home.journal().log(Line::new(Level::Info, "sweep", "retention", msg));
        }
        if !swept.more {
            break;
        }
    }
    Ok(())
}

fn log_failure<H: Home>(home: &H, error: &LedgerError) {
    home.journal()
        .log(Line::new(Level::Error, "sweep", error.code(), "SWEEP: the ledger did not answer").with_cause(error));
}
