//! Letting held work go, and sending dead letters again.

use super::Step;
use super::state::{DeliveryRow, MailRow, Work};
use crate::calendar::Timestamp;
use crate::ledger::{DeliveryState, HoldReason, LedgerError, MailState, Pass, Release, Selection};
use crate::mail::MailId;
use crate::rules::Priority;

/// At most this many mails, and this many deliveries, are let go in one step.
const PAGE: usize = 500;

impl Step<'_> {
    pub(super) fn release(&mut self, release: &Release) -> Result<u64, LedgerError> {
        let (mails, deliveries) = match &release.which {
            Selection::Mail(id) => (
                self.held_mails(|row| row.new.id == *id, usize::MAX),
                self.held_deliveries(
                    |row| self.state.mails.get(&row.mail).is_some_and(|mail| mail.new.id == *id),
                    usize::MAX,
                ),
            ),
            Selection::Reason(reason, before) => {
                let code = Some(reason.code());
                // What was held in the future was held before the clock was set back.
                let early = |held_at: Option<Timestamp>| held_at.is_some_and(|at| at < *before || at > self.now);
                (
                    self.held_mails(|row| row.reason.as_deref() == code && early(row.held_at), PAGE),
                    self.held_deliveries(|row| row.reason.as_deref() == code && early(row.held_at), PAGE),
                )
            }
            Selection::Target(key) => {
                self.state.disabled.remove(key);
                let code = Some(HoldReason::TargetDisabled.code());
                (Vec::new(), self.held_deliveries(|row| row.reason.as_deref() == code && row.new.target == *key, PAGE))
            }
        };
        for mail in &mails {
            self.release_mail(*mail, release.pass)?;
        }
        for delivery in &deliveries {
            self.release_delivery(*delivery, release.pass, release.pass.as_str())?;
        }
        Ok(u64::try_from(mails.len() + deliveries.len()).unwrap_or(u64::MAX))
    }

    pub(super) fn replay(&mut self, mail: &MailId) -> Result<u64, LedgerError> {
        let kept =
            self.state.seq_of(mail).and_then(|seq| self.state.mails.get(&seq)).is_some_and(|mail| mail.body_kept);
        let failed = if kept { self.failed_of(mail) } else { Vec::new() };
        for seq in &failed {
            let row = self.state.delivery(*seq)?;
            row.failures = 0;
            row.ended_at = None;
            row.released = None; // however it was let go before, it is sent anew
            self.release_delivery(*seq, Pass::Due, "replayed")?;
        }
        Ok(u64::try_from(failed.len()).unwrap_or(u64::MAX))
    }

    pub(super) fn dismiss(&mut self, mail: &MailId) -> Result<u64, LedgerError> {
        let waiting = self.held_mails(|row| row.new.id == *mail, usize::MAX);
        let of_mail = |row: &DeliveryRow| self.state.mails.get(&row.mail).is_some_and(|held| held.new.id == *mail);
        let mut deliveries = self.held_deliveries(of_mail, usize::MAX);
        deliveries.extend(self.failed_of(mail));
        for seq in &waiting {
            self.state.schedule.remove(&Work::Mail(*seq));
            self.end_mail(*seq, MailState::Dismissed, "dismissed")?;
        }
        for seq in &deliveries {
            self.end_delivery(*seq, DeliveryState::Dismissed, "dismissed")?;
        }
        Ok(u64::try_from(waiting.len() + deliveries.len()).unwrap_or(u64::MAX))
    }

    /// The dead letters of a mail.
    fn failed_of(&self, id: &MailId) -> Vec<i64> {
        let Some(mail) = self.state.seq_of(id) else { return Vec::new() };
        let failed = self.state.deliveries_of(mail).filter(|(_, row)| row.state == DeliveryState::Failed);
        failed.map(|(seq, _)| seq).collect()
    }

    /// Mails that wait as a whole. One with deliveries shows their state, and they are let go instead.
    fn held_mails(&self, wanted: impl Fn(&MailRow) -> bool, most: usize) -> Vec<i64> {
        let held = self.state.mails.iter().filter(|(seq, row)| {
            row.state == MailState::Held && wanted(row) && self.state.deliveries_of(**seq).next().is_none()
        });
        held.map(|(seq, _)| *seq).take(most).collect()
    }

    fn held_deliveries(&self, wanted: impl Fn(&DeliveryRow) -> bool, most: usize) -> Vec<i64> {
        let held = self.state.deliveries.iter().filter(|(_, row)| row.state == DeliveryState::Held && wanted(row));
        held.map(|(seq, _)| *seq).take(most).collect()
    }

    fn release_mail(&mut self, seq: i64, pass: Pass) -> Result<(), LedgerError> {
        let mail = self.state.mail(seq)?;
        mail.state = MailState::Queued;
        mail.reason = None;
        mail.hold_until = None;
        mail.released = kept(mail.released, pass);
        self.schedule(Work::Mail(seq), Priority::Normal, self.now);
        self.state.event(self.now, seq, None, "released", pass.as_str());
        Ok(())
    }

    fn release_delivery(&mut self, seq: i64, pass: Pass, code: &str) -> Result<(), LedgerError> {
        let row = self.state.delivery(seq)?;
        row.state = DeliveryState::Queued;
        row.reason = None;
        row.hold_until = None;
        row.released = kept(row.released, pass);
        let (mail, priority) = (row.mail, row.new.priority);
        self.schedule(Work::Delivery(seq), priority, self.now);
        self.state.event(self.now, mail, Some(seq), "released", code);
        self.refresh_mail(mail)
    }
}

/// What a person said stands, whatever comes between.
fn kept(before: Option<Pass>, pass: Pass) -> Option<Pass> {
    if before == Some(Pass::SendNow) { before } else { Some(pass) }
}
