//! What came of a delivery.

use super::Step;
use super::state::{AttemptRow, Work};
use crate::calendar::Timestamp;
use crate::ledger::{Attempt, DeliveryState, HoldReason, LeaseToken, LedgerError, MailState, Next, Recorded, Report};

impl Step<'_> {
    pub(super) fn record(&mut self, token: &LeaseToken, report: Report) -> Result<Recorded, LedgerError> {
        let Work::Delivery(seq) = Work::of(token.work) else { return Ok(Recorded::Stale) };
        let Some(row) = self.state.deliveries.get(&seq) else { return Ok(Recorded::Stale) };
        let state = row.state;
        let current = self.held_slot(token).is_some();
        let code = report.attempt.as_ref().map_or("failed", |attempt| attempt.code.as_str()).to_owned();
        if let Some(attempt) = report.attempt {
            self.keep_attempt(seq, token.fence, attempt, current)?;
        }
        if current {
            self.apply(seq, &report.next, &code)?;
            return Ok(Recorded::Applied);
        }
        if report.next == Next::Delivered && state != DeliveryState::Delivered {
            self.end_delivery(seq, DeliveryState::Delivered, "delivered")?;
        }
        Ok(Recorded::Stale)
    }

    fn keep_attempt(&mut self, seq: i64, fence: i64, attempt: Attempt, current: bool) -> Result<(), LedgerError> {
        let delivery = self.state.delivery(seq)?;
        if delivery.attempts.iter().any(|row| row.fence == fence) {
            return Ok(());
        }
        let (mail, code) = (delivery.mail, attempt.code.clone());
        delivery.attempts.push(AttemptRow { attempt, fence, stale: !current });
        self.state.event(self.now, mail, Some(seq), "attempt", &code);
        Ok(())
    }

    fn apply(&mut self, seq: i64, next: &Next, code: &str) -> Result<(), LedgerError> {
        match *next {
            Next::Delivered => self.end_delivery(seq, DeliveryState::Delivered, "delivered"),
            Next::Failed => self.end_delivery(seq, DeliveryState::Failed, code),
            Next::Retry(at) => self.retry_delivery(seq, code, at),
            Next::Hold { reason, until } => self.hold_delivery(seq, reason, until),
            Next::TargetGone => {
                let row = self.state.delivery(seq)?;
                let (mail, target) = (row.mail, row.new.target.clone());
                self.state.disabled.entry(target).or_insert_with(|| code.to_owned());
                self.state.event(self.now, mail, Some(seq), "target_disabled", code);
                self.hold_delivery(seq, HoldReason::TargetDisabled, None)
            }
        }
    }

    fn retry_delivery(&mut self, seq: i64, code: &str, at: Timestamp) -> Result<(), LedgerError> {
        let row = self.state.delivery(seq)?;
        row.state = DeliveryState::Retrying;
        row.reason = Some(code.to_owned());
        row.failures = row.failures.saturating_add(1);
        row.hold_until = None;
        let (mail, priority) = (row.mail, row.new.priority);
        self.schedule(Work::Delivery(seq), priority, at);
        self.refresh_mail(mail)
    }

    /// Makes a delivery wait, using no attempt.
    pub(super) fn hold_delivery(
        &mut self,
        seq: i64,
        reason: HoldReason,
        until: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        let now = self.now;
        let row = self.state.delivery(seq)?;
        let again = row.state == DeliveryState::Held && row.reason.as_deref() == Some(reason.code());
        row.state = DeliveryState::Held;
        row.reason = Some(reason.code().to_owned());
        row.hold_until = until;
        row.held_at = Some(now);
        let (mail, priority) = (row.mail, row.new.priority);
        match until {
            Some(at) => self.schedule(Work::Delivery(seq), priority, at),
            None => drop(self.state.schedule.remove(&Work::Delivery(seq))),
        }
        if !again {
            self.state.event(now, mail, Some(seq), "held", reason.code());
        }
        self.refresh_mail(mail)
    }

    /// Brings a delivery to an end state.
    pub(super) fn end_delivery(&mut self, seq: i64, state: DeliveryState, code: &str) -> Result<(), LedgerError> {
        let now = self.now;
        let row = self.state.delivery(seq)?;
        row.state = state;
        row.reason = Some(code.to_owned());
        row.hold_until = None;
        row.ended_at = Some(now);
        let mail = row.mail;
        self.state.schedule.remove(&Work::Delivery(seq));
        self.state.event(now, mail, Some(seq), "ended", code);
        self.refresh_mail(mail)
    }

    /// Derives a mail's state from its deliveries, with the reason of the first that stands there too.
    pub(super) fn refresh_mail(&mut self, seq: i64) -> Result<(), LedgerError> {
        let now = self.now;
        let rows: Vec<_> = self.state.deliveries_of(seq).map(|(_, row)| row).collect();
        let states: Vec<_> = rows.iter().map(|row| row.state).collect();
        let state = MailState::of_deliveries(&states);
        let decisive = rows.iter().find(|row| row.state.code() == state.code());
        let reason = decisive.and_then(|row| row.reason.clone());
        let until = decisive.and_then(|row| row.hold_until);
        let mail = self.state.mail(seq)?;
        mail.state = state;
        mail.reason = reason;
        mail.hold_until = until;
        mail.ended_at = state.ended().then_some(now);
        Ok(())
    }
}
