//! Handing out due work.
//!
//! Work stands in lanes: one for processing, one for each target. Within a lane the order is (priority, due time), so finding
//! what is due reads the head of each lane and never a backlog behind a cap.

use super::notify::Notice;
use super::{Param, Row, Sql, Store};
use crate::calendar::Timestamp;
use crate::ledger::{
    BATCH_BODY_KIB, Batch, HoldReason, LEASE_TIME, Lease, LeaseRequest, LeaseToken, LedgerError, MOST_LEASES, Work,
};
use crate::rules::Priority;
use core::time::Duration;
use std::collections::BTreeMap;

/// The lane of processing. Target keys never look like it.
pub(super) const PROCESS_LANE: &str = "*process";

/// When an item that did not read is tried again.
const UNREADABLE_PAUSE: Duration = Duration::from_hours(1);

/// The work number of a mail's processing.
pub(super) const fn process_work(mail_seq: i64) -> i64 {
    mail_seq * 2
}

/// The work number of a delivery.
pub(super) const fn delivery_work(delivery_seq: i64) -> i64 {
    delivery_seq * 2 + 1
}

/// The delivery behind a work number, when it is one.
pub(super) const fn delivery_of(work: i64) -> Option<i64> {
    if work % 2 == 1 { Some(work / 2) } else { None }
}

/// The order of priorities in the index.
pub(super) const fn rank(priority: Priority) -> i64 {
    match priority {
        Priority::High => 0,
        Priority::Normal => 1,
        Priority::Low => 2,
    }
}

/// A priority as stored.
pub(super) const fn priority(rank: i64) -> Priority {
    match rank {
        0 => Priority::High,
        2 => Priority::Low,
        _ => Priority::Normal,
    }
}

/// A due item, not leased yet.
struct Candidate {
    work: i64,
    lane: String,
    rank: i64,
    due_at: Timestamp,
    leases: i64,
}

impl<S: Sql> Store<'_, S> {
    /// See [`crate::ports::Ledger::lease_due`].
    pub fn lease_due(&self, request: &LeaseRequest) -> Result<Batch, LedgerError> {
        self.free_expired()?;
        let mut leases = Vec::new();
        let mut bytes = 0;
        for candidate in self.candidates(request)? {
            match self.lease(&candidate, request, bytes) {
                Ok(Some((lease, size))) => {
                    bytes += size;
                    leases.push(lease);
                }
                Ok(None) => {}
                Err(LedgerError::Corrupt(_)) => self.put_off(&candidate)?,
                Err(error) => return Err(error),
            }
        }
        let (next_due, capped) = self.next_due(request)?;
        Ok(Batch { leases, next_due, capped, config_version: self.config_version()? })
    }

    /// Makes what no holder came back for free again.
    pub(super) fn free_expired(&self) -> Result<(), LedgerError> {
        self.sql.query(
            "UPDATE schedule SET lease_until = 0 WHERE lease_until > 0 AND lease_until <= ?1",
            &[self.now.into()],
        )?;
        Ok(())
    }

    /// See [`crate::ports::Ledger::renew`].
    pub fn renew(&self, token: &LeaseToken) -> Result<bool, LedgerError> {
        let rows = self.sql.query(
            "UPDATE schedule SET lease_until = ?3 WHERE work = ?1 AND fence = ?2 RETURNING work",
            &[Param::Int(token.work), Param::Int(token.fence), self.now.plus(LEASE_TIME).into()],
        )?;
        Ok(!rows.is_empty())
    }

    /// Makes every leased item due again and its holder stale: for a server that knows it is the only one.
    pub fn void_leases(&self) -> Result<(), LedgerError> {
        self.sql.query("UPDATE schedule SET lease_until = 0, fence = 0 WHERE lease_until > 0", &[])?;
        Ok(())
    }

    /// Whether a token still holds its lease. A lease that ran out but was given to nobody else is still good.
    pub(super) fn holds(&self, token: &LeaseToken) -> Result<bool, LedgerError> {
        let rows = self.sql.query(
            "SELECT 1 FROM schedule WHERE work = ?1 AND fence = ?2",
            &[Param::Int(token.work), Param::Int(token.fence)],
        )?;
        Ok(!rows.is_empty())
    }

    /// The most urgent due items that the caps allow, at most `max`.
    fn candidates(&self, request: &LeaseRequest) -> Result<Vec<Candidate>, LedgerError> {
        let mut free = self.in_flight()?;
        let mut found = Vec::new();
        for head in self.lane_heads()? {
            let cap = cap_of(&head.lane, request);
            let room = cap.saturating_sub(free.get(&head.lane).copied().unwrap_or(0)).min(i64::from(request.max));
            if room > 0 && head.due_at <= self.now {
                found.extend(self.due_in(&head, room)?);
            }
        }
        found.sort_by_key(|candidate| (candidate.rank, candidate.due_at, candidate.work));
        found.retain(|candidate| {
            let taken = free.entry(candidate.lane.clone()).or_insert(0);
            *taken += 1;
            *taken <= cap_of(&candidate.lane, request)
        });
        found.truncate(usize::try_from(request.max).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// The first free item of each lane and priority: a skip scan, one index step a lane.
    fn lane_heads(&self) -> Result<Vec<Candidate>, LedgerError> {
        let mut heads: Vec<Candidate> = Vec::new();
        let mut after = (String::new(), -1);
        loop {
            let rows = self.sql.query(
                "SELECT work, lane, priority, due_at, leases FROM schedule
                 WHERE lease_until = 0 AND (lane, priority) > (?1, ?2) ORDER BY lane, priority, due_at LIMIT 1",
                &[(&after.0).into(), Param::Int(after.1)],
            )?;
            let Some(row) = rows.first() else { return Ok(heads) };
            let head = candidate(row)?;
            after = (head.lane.clone(), head.rank);
            heads.push(head);
        }
    }

    fn due_in(&self, head: &Candidate, room: i64) -> Result<Vec<Candidate>, LedgerError> {
        let rows = self.sql.query(
            "SELECT work, lane, priority, due_at, leases FROM schedule
             WHERE lease_until = 0 AND lane = ?1 AND priority = ?2 AND due_at <= ?3 ORDER BY due_at LIMIT ?4",
            &[(&head.lane).into(), Param::Int(head.rank), self.now.into(), Param::Int(room)],
        )?;
        rows.iter().map(candidate).collect()
    }

    /// Leased items by lane.
    pub(super) fn in_flight(&self) -> Result<BTreeMap<String, i64>, LedgerError> {
        let rows = self.sql.query("SELECT lane, count(*) FROM schedule WHERE lease_until > 0 GROUP BY lane", &[])?;
        rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
    }

    /// Leases one item, with the size of its body. `None` when it was put on hold instead, or does not fit the batch.
    fn lease(&self, item: &Candidate, request: &LeaseRequest, bytes: i64) -> Result<Option<(Lease, i64)>, LedgerError> {
        let delivery = delivery_of(item.work);
        let mail_seq = match delivery {
            Some(seq) => self.mail_of_delivery(seq)?,
            None => item.work / 2,
        };
        let size = self.body_bytes(mail_seq)?;
        if bytes > 0 && bytes.saturating_add(size) > i64::from(BATCH_BODY_KIB) << 10 {
            return Ok(None);
        }
        if item.leases >= i64::from(MOST_LEASES) {
            return self.give_up(item).map(|()| None);
        }
        if let Some(seq) = delivery
            && self.hold_if_barred(seq, &item.lane, request)?
        {
            return Ok(None);
        }
        let token = self.take_lease(item.work)?;
        let work = if let Some(seq) = delivery {
            self.unhold_delivery(seq)?;
            Work::Deliver(Box::new(self.delivery_job(seq)?))
        } else {
            self.unhold_mail(mail_seq)?;
            Work::Process
        };
        let lease = Lease { token, until: self.now.plus(LEASE_TIME), mail: self.stored_mail(mail_seq)?, work };
        Ok(Some((lease, size)))
    }

    /// Makes work wait that nobody comes back from.
    fn give_up(&self, item: &Candidate) -> Result<(), LedgerError> {
        self.unschedule(item.work)?;
        match delivery_of(item.work) {
            None => self.hold_mail(item.work / 2, HoldReason::GivenUp, None),
            Some(seq) => self.hold_delivery(seq, HoldReason::GivenUp, None),
        }
    }

    /// Puts off an item that does not read, so that it is in nobody's way: one damaged row must not stop all other work.
    fn put_off(&self, item: &Candidate) -> Result<(), LedgerError> {
        let until = self.now.plus(UNREADABLE_PAUSE);
        self.schedule(item.work, &item.lane, priority(item.rank), until, Notice::None)?;
        let held = match delivery_of(item.work) {
            None => self.hold_mail(item.work / 2, HoldReason::StoreCorrupt, Some(until)),
            Some(seq) => self.hold_delivery(seq, HoldReason::StoreCorrupt, Some(until)),
        };
        match held {
            Err(LedgerError::Corrupt(_)) => Ok(()), // not even its state reads: what is left is to try again later
            other => other,
        }
    }

    /// Marks an item leased, under a new fencing number. It is news again when it comes back.
    pub(super) fn take_lease(&self, work: i64) -> Result<LeaseToken, LedgerError> {
        let rows = self.sql.query("UPDATE meta SET v = v + 1 WHERE k = 'fence' RETURNING v", &[])?;
        let fence = rows.first().ok_or_else(|| LedgerError::Corrupt("no fence".to_owned()))?.int(0)?;
        self.sql.query(
            "UPDATE schedule SET lease_until = ?2, fence = ?3, leases = leases + 1, notified_until = 0, silence = 0 WHERE work = ?1",
            &[Param::Int(work), self.now.plus(LEASE_TIME).into(), Param::Int(fence)],
        )?;
        Ok(LeaseToken { work, fence })
    }

    /// Holds a delivery whose target is disabled, or that is over the hourly limit.
    pub(super) fn hold_if_barred(&self, seq: i64, target: &str, request: &LeaseRequest) -> Result<bool, LedgerError> {
        if self.target_disabled(target)? {
            self.hold_delivery(seq, HoldReason::TargetDisabled, None)?;
            return Ok(true);
        }
        if let Some(until) = self.rate_limited_until(request)? {
            self.hold_delivery(seq, HoldReason::RateLimited, Some(until))?;
            return Ok(true);
        }
        Ok(false)
    }

    /// When the next attempt is allowed, if the hourly limit is used up. Deliveries in flight count as attempts.
    fn rate_limited_until(&self, request: &LeaseRequest) -> Result<Option<Timestamp>, LedgerError> {
        let Some(limit) = request.hourly else { return Ok(None) };
        let hour = Duration::from_hours(1);
        let rows = self.sql.query(
            "SELECT (SELECT count(*) FROM attempts WHERE started_at > ?1)
                  + (SELECT count(*) FROM schedule WHERE lease_until > 0 AND lane <> ?2),
                    (SELECT min(started_at) FROM attempts WHERE started_at > ?1)",
            &[self.now.minus(hour).into(), PROCESS_LANE.into()],
        )?;
        let row = rows.first().ok_or_else(|| LedgerError::Corrupt("no count".to_owned()))?;
        if row.int(0)? < i64::from(limit.0) {
            return Ok(None);
        }
        Ok(Some(row.opt_at(1)?.map_or_else(|| self.now.plus(LEASE_TIME), |oldest| oldest.plus(hour))))
    }

    /// The earliest end of a lease, or due time of free work that the caps allow. Work behind a full cap waits for a lease
    /// to end: counting its due time would have the caller ask again and again for what it cannot get. Whether there is any
    /// comes second.
    fn next_due(&self, request: &LeaseRequest) -> Result<(Option<Timestamp>, bool), LedgerError> {
        let in_flight = self.in_flight()?;
        let open = |head: &Candidate| in_flight.get(&head.lane).copied().unwrap_or(0) < cap_of(&head.lane, request);
        let heads = self.lane_heads()?;
        let capped = heads.iter().any(|head| head.due_at <= self.now && !open(head));
        let open = heads.iter().filter(|head| open(head)).map(|head| head.due_at);
        Ok((open.chain(self.next_lease_end()?).min(), capped))
    }

    /// The earliest end of a lease.
    pub(super) fn next_lease_end(&self) -> Result<Option<Timestamp>, LedgerError> {
        let rows = self.sql.query("SELECT min(lease_until) FROM schedule WHERE lease_until > 0", &[])?;
        Ok(rows.first().map(|row| row.opt_at(0)).transpose()?.flatten())
    }
}

fn candidate(row: &Row) -> Result<Candidate, LedgerError> {
    Ok(Candidate { work: row.int(0)?, lane: row.text(1)?, rank: row.int(2)?, due_at: row.at(3)?, leases: row.int(4)? })
}

/// How many items of a lane may be in flight.
fn cap_of(lane: &str, request: &LeaseRequest) -> i64 {
    if lane == PROCESS_LANE { i64::MAX } else { i64::from(request.per_target) }
}
