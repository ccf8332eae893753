//! The gate that every attempt passes: the first, a retry, a release, a replay.

use crate::calendar::Timestamp;
use crate::config::Snapshot;
use crate::ledger::{HoldReason, Pass};

/// Why the gate is closed, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Why.
    pub reason: HoldReason,
    /// When to look again; `None` waits for the cause to go.
    pub until: Option<Timestamp>,
}

/// Whether something may be sent now. "Send now" passes the absence day, never a sending switch that is off. Whether the target
/// is enabled and the hourly limit allows it is the ledger's to say, when it hands the work out.
pub fn may_send(now: Timestamp, snapshot: &Snapshot, released: Option<Pass>) -> Result<(), Closed> {
    if !snapshot.sending.enabled {
        return Err(Closed { reason: HoldReason::SendingDisabled, until: None });
    }
    if released != Some(Pass::SendNow) && snapshot.hours.absence.covers(now, &snapshot.hours.zone) {
        let until = snapshot.hours.absence.ends_after(now, &snapshot.hours.zone);
        return Err(Closed { reason: HoldReason::AbsenceDay, until });
    }
    Ok(())
}
