//! Ending the processing of a mail.

use super::Step;
use super::state::{DeliveryRow, Work};
use crate::calendar::Timestamp;
use crate::ledger::{
    DeliveryJob, DeliveryState, HoldReason, LeaseRequest, LeaseToken, LedgerError, MailState, NewDelivery, Plan,
    Planned,
};
use crate::rules::Priority;

impl Step<'_> {
    pub(super) fn plan(
        &mut self,
        token: &LeaseToken,
        plan: Plan,
        request: &LeaseRequest,
    ) -> Result<Planned, LedgerError> {
        let work = Work::of(token.work);
        let Work::Mail(seq) = work else { return Ok(Planned::Stale) };
        if self.held_slot(token).is_none() {
            return Ok(Planned::Stale);
        }
        self.state.schedule.remove(&work);
        match plan {
            Plan::Skip { reason, detector } => {
                self.state.mail(seq)?.detector = detector;
                self.end_mail(seq, MailState::Skipped, reason.code())?;
                Ok(Planned::Recorded(Vec::new()))
            }
            Plan::Hold { reason, until, detector } => {
                self.state.mail(seq)?.detector = detector;
                self.hold_mail(seq, reason, until)?;
                Ok(Planned::Recorded(Vec::new()))
            }
            Plan::Deliver { deliveries, detector } => {
                self.state.mail(seq)?.detector = detector;
                self.state.event(self.now, seq, None, "planned", "deliveries_decided");
                let started: Result<Vec<_>, _> =
                    deliveries.into_iter().map(|delivery| self.start_delivery(seq, delivery, request)).collect();
                self.refresh_mail(seq)?;
                Ok(Planned::Recorded(started?.into_iter().flatten().collect()))
            }
        }
    }

    /// Writes one delivery and leases it to the caller, unless a cap or its target forbids it now.
    fn start_delivery(
        &mut self,
        mail: i64,
        new: NewDelivery,
        request: &LeaseRequest,
    ) -> Result<Option<(LeaseToken, DeliveryJob)>, LedgerError> {
        if self.state.seq_of_delivery(&new.id).is_some() {
            return Ok(None);
        }
        self.state.last_delivery += 1;
        let seq = self.state.last_delivery;
        let (target, priority) = (new.target.clone(), new.priority);
        self.state.deliveries.insert(
            seq,
            DeliveryRow {
                mail,
                new,
                state: DeliveryState::Queued,
                reason: None,
                released: self.state.mails.get(&mail).and_then(|mail| mail.released),
                failures: 0,
                held_at: None,
                hold_until: None,
                ended_at: None,
                attempts: Vec::new(),
            },
        );
        let work = Work::Delivery(seq);
        self.schedule(work, priority, self.now);
        if self.in_flight(&target) >= request.per_target || self.hold_if_barred(seq, request)? {
            return Ok(None);
        }
        let token = self.take_lease(work);
        Ok(Some((token, self.job(seq)?)))
    }

    /// Makes a whole mail wait.
    fn hold_mail(&mut self, seq: i64, reason: HoldReason, until: Option<Timestamp>) -> Result<(), LedgerError> {
        let now = self.now;
        let mail = self.state.mail(seq)?;
        mail.state = MailState::Held;
        mail.reason = Some(reason.code().to_owned());
        mail.hold_until = until;
        mail.held_at = Some(now);
        if let Some(until) = until {
            self.schedule(Work::Mail(seq), Priority::Normal, until);
        }
        self.state.event(now, seq, None, "held", reason.code());
        Ok(())
    }
}
