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
                let mut started = Vec::new();
                for delivery in deliveries {
                    let Some(delivery) = self.insert_delivery(seq, delivery) else { continue };
                    if started.len() < usize::try_from(request.max).unwrap_or(usize::MAX) {
                        started.extend(self.start_delivery(delivery, request)?);
                    }
                }
                self.refresh_mail(seq)?;
                Ok(Planned::Recorded(started))
            }
        }
    }

    /// Writes one delivery and puts it on the schedule; `None` when it is there already.
    fn insert_delivery(&mut self, mail: i64, new: NewDelivery) -> Option<i64> {
        if self.state.seq_of_delivery(&new.id).is_some() {
            return None;
        }
        self.state.last_delivery += 1;
        let (seq, priority) = (self.state.last_delivery, new.priority);
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
        self.schedule(Work::Delivery(seq), priority, self.now);
        Some(seq)
    }

    /// Leases a new delivery to the caller, unless a cap or its target forbids it now.
    fn start_delivery(
        &mut self,
        seq: i64,
        request: &LeaseRequest,
    ) -> Result<Option<(LeaseToken, DeliveryJob)>, LedgerError> {
        let target = self.state.delivery(seq)?.new.target.clone();
        if self.in_flight(&target) >= request.per_target || self.hold_if_barred(seq, request)? {
            return Ok(None);
        }
        let token = self.take_lease(Work::Delivery(seq));
        Ok(Some((token, self.job(seq)?)))
    }

    /// Makes a whole mail wait.
    pub(super) fn hold_mail(
        &mut self,
        seq: i64,
        reason: HoldReason,
        until: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
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
