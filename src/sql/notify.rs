//! When somebody must be woken, for a home whose workers do not stay awake.
//!
//! A free item wants waking once it is due and nobody was told of it lately; a leased one when its lease runs out. The store
//! says when that is next and what it is about; who is woken, and how, is the home's business. A home whose workers
//! ask by themselves ignores all of this.

use super::{Call, Param, Sql, Store};
use crate::calendar::Timestamp;
use crate::ledger::LedgerError;
use core::time::Duration;

/// The silence after the first notice; each further one about the same item doubles it.
pub const FIRST_SILENCE: Duration = Duration::from_secs(30);

/// The longest silence.
pub const LONGEST_SILENCE: Duration = Duration::from_mins(15);

/// How long a place that was given back may stay empty. Whoever gave it back asks for more within that time, as a rule.
const EMPTY_PLACE: Duration = Duration::from_millis(200);

/// Whether somebody has been told of an item that is put on the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// Nobody: it wants waking once it is due.
    None,
    /// The caller tells somebody now; a notice that is lost is repeated after the silence.
    ByCaller,
}

/// Due work that nobody was told of lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Its work numbers, the longest overdue first.
    pub work: Vec<i64>,
    /// When to ask again.
    pub next_wake: Option<Timestamp>,
}

impl Notice {
    /// Until when nobody need be told, and the silence that this is, in milliseconds.
    pub(super) fn columns(self, now: Timestamp) -> [Param<'static>; 2] {
        match self {
            Self::None => [Param::Int(0), Param::Int(0)],
            Self::ByCaller => [now.plus(FIRST_SILENCE).into(), millis(FIRST_SILENCE)],
        }
    }
}

impl Call {
    /// The earliest instant at which this call can make somebody have to be woken; `None` when it schedules nothing.
    pub fn wakes_from(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Admit(..) => Some(now.plus(FIRST_SILENCE)),
            Self::LeaseDue(_)
            | Self::Renew(_)
            | Self::Plan(..)
            | Self::Record(..)
            | Self::Release(_)
            | Self::Replay(_) => Some(now),
            _ => None,
        }
    }
}

impl<S: Sql> Store<'_, S> {
    /// Takes at most `most` items that somebody must be told of now, and takes it that somebody is: each is silent for twice as
    /// long as the time before, from [`FIRST_SILENCE`] to [`LONGEST_SILENCE`]. Leases that ran out are free again.
    pub fn overdue(&self, most: u32) -> Result<Overdue, LedgerError> {
        self.free_expired()?;
        let rows = self.sql.query(
            "UPDATE schedule SET silence = min(max(silence * 2, ?3), ?4), notified_until = ?1 + min(max(silence * 2, ?3), ?4)
             WHERE work IN (SELECT work FROM schedule WHERE lease_until = 0 AND max(due_at, notified_until) <= ?1
                            ORDER BY max(due_at, notified_until) LIMIT ?2)
             RETURNING work",
            &[self.now.into(), Param::Int(most.into()), millis(FIRST_SILENCE), millis(LONGEST_SILENCE)],
        )?;
        let work = rows.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
        Ok(Overdue { work, next_wake: self.next_wake()? })
    }

    /// The earliest instant at which somebody must be woken.
    pub fn next_wake(&self) -> Result<Option<Timestamp>, LedgerError> {
        let free =
            self.sql.query("SELECT min(max(due_at, notified_until)) FROM schedule WHERE lease_until = 0", &[])?;
        let free = free.first().map(|row| row.opt_at(0)).transpose()?.flatten();
        Ok(free.into_iter().chain(self.next_lease_end()?).min())
    }

    /// A place of a lane was given back: if due work waits for it, somebody is to take that soon.
    pub(super) fn offer_place(&self, lane: &str) -> Result<(), LedgerError> {
        let soon = self.now.plus(EMPTY_PLACE);
        self.sql.query(
            "UPDATE schedule SET notified_until = ?3
             WHERE work = (SELECT work FROM schedule WHERE lease_until = 0 AND lane = ?1 AND priority IN (0, 1, 2) AND due_at <= ?2 LIMIT 1)
             AND notified_until > ?3",
            &[lane.into(), self.now.into(), soon.into()],
        )?;
        Ok(())
    }
}

fn millis(time: Duration) -> Param<'static> {
    Param::Int(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}
