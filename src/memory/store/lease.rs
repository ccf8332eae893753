//! Handing out due work.

use super::Step;
use super::state::{Slot, Work};
use crate::calendar::Timestamp;
use crate::ledger::{
    BATCH_BODY_KIB, Batch, DeliveryJob, DeliveryState, HoldReason, LEASE_TIME, Lease, LeaseRequest, LeaseToken,
    LedgerError, MOST_LEASES, MailState, Pass, StoredMail, Work as Task,
};
use core::time::Duration;
use std::collections::BTreeMap;

impl Step<'_> {
    pub(super) fn lease_due(&mut self, request: &LeaseRequest) -> Result<Batch, LedgerError> {
        for slot in self.state.schedule.values_mut() {
            slot.lease_until = slot.lease_until.filter(|until| *until > self.now);
        }
        let mut leases = Vec::new();
        let mut bytes = 0;
        for work in self.candidates(request) {
            let size = self.body_bytes(work)?;
            if bytes > 0 && bytes + size > u64::from(BATCH_BODY_KIB) << 10 {
                continue;
            }
            if let Some(lease) = self.lease(work, request)? {
                bytes += size;
                leases.push(lease);
            }
        }
        let (next_due, capped) = self.next_due(request);
        Ok(Batch { leases, next_due, capped, config_version: self.state.config_version })
    }

    pub(super) fn renew(&mut self, token: &LeaseToken) -> bool {
        let until = self.now.plus(LEASE_TIME);
        match self.held_slot(token) {
            Some(slot) => {
                slot.lease_until = Some(until);
                true
            }
            None => false,
        }
    }

    pub(super) fn void_leases(&mut self) {
        for slot in self.state.schedule.values_mut().filter(|slot| slot.lease_until.is_some()) {
            slot.lease_until = None;
            slot.fence = None;
        }
    }

    pub(super) fn live_leases(&self) -> Vec<LeaseToken> {
        let live =
            self.state.schedule.iter().filter(|(_, slot)| slot.lease_until.is_some_and(|until| until > self.now));
        live.filter_map(|(work, slot)| Some(LeaseToken { work: work.number(), fence: slot.fence? })).collect()
    }

    /// The slot a token holds. A lease that ran out but was given to nobody else is still good.
    pub(super) fn held_slot(&mut self, token: &LeaseToken) -> Option<&mut Slot> {
        let slot = self.state.schedule.get_mut(&Work::of(token.work));
        slot.filter(|slot| slot.fence == Some(token.fence))
    }

    /// The most urgent due items that the caps allow, at most `max`.
    fn candidates(&self, request: &LeaseRequest) -> Vec<Work> {
        let mut due: Vec<_> =
            self.state.schedule.iter().filter(|(_, slot)| slot.is_free() && slot.due_at <= self.now).collect();
        due.sort_by_key(|(work, slot)| (slot.priority, slot.due_at, work.number()));
        let mut taken: BTreeMap<&str, u32> = BTreeMap::new();
        let within_caps = due.into_iter().map(|(work, _)| *work).filter(|work| {
            let Some(target) = self.target_of(*work) else { return true };
            let taken = taken.entry(target).or_insert_with(|| self.in_flight(target));
            *taken += 1;
            *taken <= request.per_target
        });
        within_caps.take(usize::try_from(request.max).unwrap_or(usize::MAX)).collect()
    }

    fn target_of(&self, work: Work) -> Option<&str> {
        match work {
            Work::Mail(_) => None,
            Work::Delivery(seq) => self.state.deliveries.get(&seq).map(|delivery| delivery.new.target.as_str()),
        }
    }

    /// How many deliveries of a target are leased.
    pub(super) fn in_flight(&self, target: &str) -> u32 {
        let leased =
            self.state.schedule.iter().filter(|(work, slot)| !slot.is_free() && self.target_of(**work) == Some(target));
        u32::try_from(leased.count()).unwrap_or(u32::MAX)
    }

    fn body_bytes(&mut self, work: Work) -> Result<u64, LedgerError> {
        let mail = self.mail_of(work)?;
        Ok(self.state.mail(mail)?.body_bytes)
    }

    fn mail_of(&mut self, work: Work) -> Result<i64, LedgerError> {
        match work {
            Work::Mail(seq) => Ok(seq),
            Work::Delivery(seq) => Ok(self.state.delivery(seq)?.mail),
        }
    }

    /// Leases one item; `None` when it is put on hold instead.
    fn lease(&mut self, work: Work, request: &LeaseRequest) -> Result<Option<Lease>, LedgerError> {
        let mail = self.mail_of(work)?;
        if self.state.schedule.get(&work).is_some_and(|slot| slot.leases >= MOST_LEASES) {
            return self.give_up(work).map(|()| None);
        }
        if let Work::Delivery(seq) = work
            && self.hold_if_barred(seq, request)?
        {
            return Ok(None);
        }
        let token = self.take_lease(work);
        let task = match work {
            Work::Mail(seq) => self.wake_mail(seq)?,
            Work::Delivery(seq) => self.wake_delivery(seq)?,
        };
        Ok(Some(Lease { token, until: self.now.plus(LEASE_TIME), mail: self.stored_mail(mail)?, work: task }))
    }

    /// Makes work wait that nobody comes back from.
    fn give_up(&mut self, work: Work) -> Result<(), LedgerError> {
        self.state.schedule.remove(&work);
        match work {
            Work::Mail(seq) => self.hold_mail(seq, HoldReason::GivenUp, None),
            Work::Delivery(seq) => self.hold_delivery(seq, HoldReason::GivenUp, None),
        }
    }

    /// Marks an item leased, under a new fencing number.
    pub(super) fn take_lease(&mut self, work: Work) -> LeaseToken {
        self.state.last_fence += 1;
        let fence = self.state.last_fence;
        if let Some(slot) = self.state.schedule.get_mut(&work) {
            slot.lease_until = Some(self.now.plus(LEASE_TIME));
            slot.fence = Some(fence);
            slot.leases += 1;
        }
        LeaseToken { work: work.number(), fence }
    }

    /// A held mail whose time has come is processed again.
    fn wake_mail(&mut self, seq: i64) -> Result<Task, LedgerError> {
        let mail = self.state.mail(seq)?;
        if mail.state == MailState::Held {
            mail.state = MailState::Queued;
            mail.reason = None;
            mail.hold_until = None;
            mail.released.get_or_insert(Pass::Due);
            self.state.event(self.now, seq, None, "released", "due");
        }
        Ok(Task::Process)
    }

    /// A held delivery whose time has come is held no more.
    fn wake_delivery(&mut self, seq: i64) -> Result<Task, LedgerError> {
        let delivery = self.state.delivery(seq)?;
        if delivery.state == DeliveryState::Held {
            delivery.state = DeliveryState::Queued;
            delivery.reason = None;
            delivery.hold_until = None;
            delivery.released.get_or_insert(Pass::Due);
            let mail = delivery.mail;
            self.state.event(self.now, mail, Some(seq), "released", "due");
            self.refresh_mail(mail)?;
        }
        Ok(Task::Deliver(Box::new(self.job(seq)?)))
    }

    /// Holds a delivery whose target is disabled, or that is over the hourly limit.
    pub(super) fn hold_if_barred(&mut self, seq: i64, request: &LeaseRequest) -> Result<bool, LedgerError> {
        let target = self.state.delivery(seq)?.new.target.clone();
        let barred = if self.state.disabled.contains_key(&target) {
            Some((HoldReason::TargetDisabled, None))
        } else {
            self.allowed_again(request).map(|until| (HoldReason::RateLimited, Some(until)))
        };
        if let Some((reason, until)) = barred {
            self.hold_delivery(seq, reason, until)?;
        }
        Ok(barred.is_some())
    }

    /// When the next attempt is allowed, if the hourly limit is used up. Deliveries in flight count as attempts.
    fn allowed_again(&self, request: &LeaseRequest) -> Option<Timestamp> {
        let limit = request.hourly?.0;
        let hour = Duration::from_hours(1);
        let attempts = self.state.deliveries.values().flat_map(|delivery| &delivery.attempts);
        let began: Vec<_> =
            attempts.map(|row| row.attempt.started_at).filter(|at| *at > self.now.minus(hour)).collect();
        let leased = |(work, slot): &(&Work, &Slot)| matches!(work, Work::Delivery(_)) && !slot.is_free();
        let used = began.len() + self.state.schedule.iter().filter(leased).count();
        if used < usize::try_from(limit).unwrap_or(usize::MAX) {
            return None;
        }
        Some(began.iter().min().map_or_else(|| self.now.plus(LEASE_TIME), |oldest| oldest.plus(hour)))
    }

    /// The earliest end of a lease, or due time of free work that the caps allow; and whether due work waits behind one.
    fn next_due(&self, request: &LeaseRequest) -> (Option<Timestamp>, bool) {
        let open = |work: Work| self.target_of(work).is_none_or(|target| self.in_flight(target) < request.per_target);
        let (within, behind): (Vec<_>, Vec<_>) =
            self.state.schedule.iter().partition(|(work, slot)| !slot.is_free() || open(**work));
        let next = within.into_iter().map(|(_, slot)| slot.lease_until.unwrap_or(slot.due_at)).min();
        (next, behind.into_iter().any(|(_, slot)| slot.due_at <= self.now))
    }

    fn stored_mail(&mut self, seq: i64) -> Result<StoredMail, LedgerError> {
        let row = self.state.mail(seq)?;
        Ok(StoredMail {
            id: row.new.id.clone(),
            email_id: row.new.email_id.clone(),
            mail: row.new.mail.clone(),
            source: row.new.source,
            accepted_at: row.new.accepted_at,
            released: row.released,
        })
    }

    /// What is needed to send a delivery.
    pub(super) fn job(&mut self, seq: i64) -> Result<DeliveryJob, LedgerError> {
        let row = self.state.delivery(seq)?;
        Ok(DeliveryJob {
            id: row.new.id.clone(),
            target: row.new.target.clone(),
            url: row.new.url.clone(),
            facts: row.new.facts.clone(),
            priority: row.new.priority,
            failures: row.failures,
            released: row.released,
        })
    }
}

impl Slot {
    pub(super) const fn is_free(&self) -> bool {
        self.lease_until.is_none()
    }
}
