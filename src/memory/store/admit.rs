//! Taking a mail.

use super::Step;
use super::state::{MailRow, Slot, Work};
use crate::calendar::Timestamp;
use crate::ledger::{
    Admission, Admitted, Dedup, Fullness, GroupClaim, LedgerError, MailState, NewMail, SkipReason, Verdict,
};
use crate::rules::Priority;

impl Step<'_> {
    pub(super) fn admit(&mut self, new: NewMail, admission: &Admission) -> Result<Admitted, LedgerError> {
        if admission.dedup == Dedup::On
            && let Some(known) = self.known(&new)
        {
            return Ok(known);
        }
        if self.state.restless > 0 {
            self.state.restless -= 1;
            self.state.config_version += 1;
        }
        let current = self.state.config_version;
        if current != admission.config_version {
            return Ok(Admitted::StaleConfig { current });
        }
        match &admission.verdict {
            Verdict::Refuse(reason) => Ok(Admitted::Refused(*reason)),
            Verdict::Skip(reason) => {
                let (id, seq) = (new.id.clone(), self.insert(new, admission.dedup)?);
                self.end_mail(seq, MailState::Skipped, reason.code())?;
                Ok(Admitted::Skipped(id, *reason))
            }
            Verdict::Accept { group } => self.take(new, group.as_ref(), admission.dedup),
        }
    }

    fn take(&mut self, new: NewMail, group: Option<&GroupClaim>, dedup: Dedup) -> Result<Admitted, LedgerError> {
        let (id, seq) = (new.id.clone(), self.insert(new, dedup)?);
        if let Some(group) = group
            && self.claim_group(seq, group).is_err()
        {
            self.end_mail(seq, MailState::Skipped, SkipReason::SubjectGroup.code())?;
            return Ok(Admitted::Skipped(id, SkipReason::SubjectGroup));
        }
        self.schedule(Work::Mail(seq), Priority::Normal, self.now);
        Ok(Admitted::Queued(id))
    }

    fn insert(&mut self, new: NewMail, dedup: Dedup) -> Result<i64, LedgerError> {
        if self.state.fullness().percent() >= Fullness::REFUSED_PERCENT {
            return Err(LedgerError::Full);
        }
        self.state.last_mail += 1;
        let seq = self.state.last_mail;
        if dedup == Dedup::On {
            self.claim(seq, &new);
        }
        self.state.event(self.now, seq, None, "received", new.source.as_str());
        self.state.mails.insert(
            seq,
            MailRow {
                body_bytes: u64::try_from(new.mail.body.len()).unwrap_or(u64::MAX),
                new,
                body_kept: true,
                state: MailState::Queued,
                reason: None,
                detector: None,
                released: None,
                held_at: None,
                hold_until: None,
                ended_at: None,
            },
        );
        Ok(seq)
    }

    /// Ends a mail that has no deliveries.
    pub(super) fn end_mail(&mut self, seq: i64, state: MailState, code: &str) -> Result<(), LedgerError> {
        let now = self.now;
        let mail = self.state.mail(seq)?;
        mail.state = state;
        mail.reason = Some(code.to_owned());
        mail.hold_until = None;
        mail.ended_at = Some(now);
        self.state.event(now, seq, None, "ended", code);
        Ok(())
    }

    /// Puts work on the schedule, free and due at `due_at`; whoever held it is stale.
    pub(super) fn schedule(&mut self, work: Work, priority: Priority, due_at: Timestamp) {
        self.state.schedule.insert(work, Slot { priority, due_at, lease_until: None, fence: None, leases: 0 });
    }
}
