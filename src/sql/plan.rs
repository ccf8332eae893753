//! Ending the processing of a mail.

use super::events::Kind;
use super::lease::{delivery_of, delivery_work, process_work, rank};
use super::notify::Notice;
use super::{Param, Sql, Store};
use crate::calendar::Timestamp;
use crate::ledger::{
    DeliveryJob, DeliveryState, HoldReason, LeaseRequest, LeaseToken, LedgerError, MailState, NewDelivery, Plan,
    Planned,
};

impl<S: Sql> Store<'_, S> {
    /// See [`crate::ports::Ledger::plan`].
    pub fn plan(&self, token: &LeaseToken, plan: &Plan, request: &LeaseRequest) -> Result<Planned, LedgerError> {
        // The lease of a delivery decides nothing about a mail.
        if delivery_of(token.work).is_some() || !self.holds(token)? {
            return Ok(Planned::Stale);
        }
        let mail = token.work / 2;
        let detector = match plan {
            Plan::Skip { detector, .. } | Plan::Hold { detector, .. } | Plan::Deliver { detector, .. } => detector,
        };
        self.sql
            .query("UPDATE mails SET detector = ?2 WHERE seq = ?1", &[Param::Int(mail), detector.as_ref().into()])?;
        self.unschedule(token.work)?;
        match plan {
            Plan::Skip { reason, .. } => self.end_mail(mail, MailState::Skipped, Some(reason.code()))?,
            Plan::Hold { reason, until, .. } => self.hold_mail(mail, *reason, *until)?,
            Plan::Deliver { deliveries, .. } => return self.start_deliveries(mail, deliveries, request),
        }
        Ok(Planned::Recorded(Vec::new()))
    }

    fn start_deliveries(&self, mail: i64, new: &[NewDelivery], request: &LeaseRequest) -> Result<Planned, LedgerError> {
        self.event(mail, None, Kind::Planned, "deliveries_decided")?;
        let most = usize::try_from(request.max).unwrap_or(usize::MAX);
        let mut leased = Vec::new();
        for delivery in new {
            let Some(seq) = self.insert_delivery(mail, delivery)? else { continue };
            if leased.len() < most {
                leased.extend(self.start_delivery(seq, &delivery.target, request)?);
            }
        }
        self.refresh_mail(mail)?;
        Ok(Planned::Recorded(leased))
    }

    /// Writes one delivery and puts it on the schedule; `None` when it is there already.
    fn insert_delivery(&self, mail: i64, new: &NewDelivery) -> Result<Option<i64>, LedgerError> {
        let facts = serde_json::to_string(&new.facts).map_err(|error| LedgerError::Corrupt(error.to_string()))?;
        let rows = self.sql.query(
            "INSERT INTO deliveries(id, mail, target, url, priority, state, facts, released)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, released FROM mails WHERE seq = ?2
             ON CONFLICT(id) DO NOTHING RETURNING seq",
            &[
                new.id.as_str().into(),
                Param::Int(mail),
                (&new.target).into(),
                (&new.url).into(),
                Param::Int(rank(new.priority)),
                DeliveryState::Queued.code().into(),
                (&facts).into(),
            ],
        )?;
        let Some(row) = rows.first() else { return Ok(None) };
        let seq = row.int(0)?;
        // What is not leased with the plan, the caller tells somebody of.
        self.schedule(delivery_work(seq), &new.target, new.priority, self.now, Notice::ByCaller)?;
        Ok(Some(seq))
    }

    /// Leases a new delivery to the caller, unless a cap or its target forbids it now.
    fn start_delivery(
        &self,
        seq: i64,
        target: &str,
        request: &LeaseRequest,
    ) -> Result<Option<(LeaseToken, DeliveryJob)>, LedgerError> {
        let in_flight = self.in_flight()?.get(target).copied().unwrap_or(0);
        if in_flight >= i64::from(request.per_target) || self.hold_if_barred(seq, target, request)? {
            return Ok(None);
        }
        let token = self.take_lease(delivery_work(seq))?;
        Ok(Some((token, self.delivery_job(seq)?)))
    }

    /// Makes a whole mail wait.
    pub(super) fn hold_mail(&self, mail: i64, reason: HoldReason, until: Option<Timestamp>) -> Result<(), LedgerError> {
        self.sql.query(
            "UPDATE mails SET state = ?2, reason = ?3, hold_until = ?4, held_at = ?5 WHERE seq = ?1",
            &[Param::Int(mail), MailState::Held.code().into(), reason.code().into(), until.into(), self.now.into()],
        )?;
        if let Some(until) = until {
            self.schedule_process(mail, until, Notice::None)?;
        }
        self.event(mail, None, Kind::Held, reason.code())
    }

    /// Ends a mail that has no deliveries.
    pub(super) fn end_mail(&self, mail: i64, state: MailState, reason: Option<&str>) -> Result<(), LedgerError> {
        self.sql.query(
            "UPDATE mails SET state = ?2, reason = ?3, hold_until = NULL, ended_at = ?4 WHERE seq = ?1",
            &[Param::Int(mail), state.code().into(), reason.into(), self.now.into()],
        )?;
        self.event(mail, None, Kind::Ended, reason.unwrap_or(state.code()))
    }

    /// Takes work off the schedule.
    pub(super) fn unschedule(&self, work: i64) -> Result<(), LedgerError> {
        self.sql.query("DELETE FROM schedule WHERE work = ?1", &[Param::Int(work)])?;
        Ok(())
    }

    /// A held mail whose time has come is processed again, under today's checks.
    pub(super) fn unhold_mail(&self, mail: i64) -> Result<(), LedgerError> {
        let rows = self.sql.query(
            "UPDATE mails SET state = 'queued', reason = NULL, hold_until = NULL, released = coalesce(released, 'due')
             WHERE seq = ?1 AND state = 'held' RETURNING seq",
            &[Param::Int(mail)],
        )?;
        if rows.is_empty() { Ok(()) } else { self.event(mail, None, Kind::Released, "due") }
    }

    /// Puts a mail's processing back on the schedule now.
    pub(super) fn process_again(&self, mail: i64) -> Result<(), LedgerError> {
        self.unschedule(process_work(mail))?;
        self.schedule_process(mail, self.now, Notice::None)
    }
}
