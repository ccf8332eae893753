//! Taking a mail.

use super::events::Kind;
use super::notify::Notice;
use super::schema::{CHUNK_BYTES, CHUNKS_PER_MAIL};
use super::{Param, Sql, Store};
use crate::calendar::Timestamp;
use crate::ledger::{
    Admission, Admitted, Dedup, Fullness, GroupClaim, LedgerError, MailState, NewMail, SkipReason, Verdict,
};
use crate::rules::Priority;

impl<S: Sql> Store<'_, S> {
    /// See [`crate::ports::Ledger::admit`].
    pub fn admit(&self, new: &NewMail, admission: &Admission) -> Result<Admitted, LedgerError> {
        if admission.dedup == Dedup::On
            && let Some(known) = self.find_repeat(new)?
        {
            return Ok(Admitted::Known { mail: known.mail, ended: known.ended });
        }
        let current = self.config_version()?;
        if current != admission.config_version {
            return Ok(Admitted::StaleConfig { current });
        }
        match &admission.verdict {
            Verdict::Refuse(reason) => Ok(Admitted::Refused(*reason)),
            Verdict::Skip(reason) => self.take_skipped(new, *reason, admission.dedup),
            Verdict::Accept { group } => self.take(new, group.as_ref(), admission.dedup),
        }
    }

    fn take(&self, new: &NewMail, group: Option<&GroupClaim>, dedup: Dedup) -> Result<Admitted, LedgerError> {
        let seq = self.insert(new, MailState::Queued, dedup)?;
        if let Some(group) = group
            && !self.claim_group(seq, &group.key, group.expires_at)?
        {
            self.end_mail(seq, MailState::Skipped, Some(SkipReason::SubjectGroup.code()))?;
            return Ok(Admitted::Skipped(new.id.clone(), SkipReason::SubjectGroup));
        }
        self.schedule_process(seq, self.now, Notice::ByCaller)?;
        Ok(Admitted::Queued(new.id.clone()))
    }

    fn take_skipped(&self, new: &NewMail, reason: SkipReason, dedup: Dedup) -> Result<Admitted, LedgerError> {
        let seq = self.insert(new, MailState::Queued, dedup)?;
        self.end_mail(seq, MailState::Skipped, Some(reason.code()))?;
        Ok(Admitted::Skipped(new.id.clone(), reason))
    }

    /// The mail's row, its body, its claims and its place in the text index.
    fn insert(&self, new: &NewMail, state: MailState, dedup: Dedup) -> Result<i64, LedgerError> {
        if self.fullness.percent() >= Fullness::REFUSED_PERCENT {
            return Err(LedgerError::Full);
        }
        let mail = &new.mail;
        let rows = self.sql.query(
            "INSERT INTO mails(id, email_id, digest, message_id, thread_id, source, sender, sender_email, subject, date,
                               body_bytes, accepted_at, state)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) RETURNING seq",
            &[
                new.id.as_str().into(),
                new.email_id.as_str().into(),
                new.digest.as_str().into(),
                mail.message_id.as_ref().into(),
                mail.thread_id.as_ref().into(),
                new.source.as_str().into(),
                (&mail.sender).into(),
                mail.sender_email.as_str().into(),
                (&mail.subject).into(),
                (&mail.date).into(),
                Param::Int(i64::try_from(mail.body.len()).unwrap_or(i64::MAX)),
                new.accepted_at.into(),
                state.code().into(),
            ],
        )?;
        let seq = rows.first().ok_or_else(|| LedgerError::Corrupt("no row number".to_owned()))?.int(0)?;
        self.insert_body(seq, &mail.body)?;
        self.sql.query(
            "INSERT INTO mails_text(rowid, sender, subject) VALUES(?1, ?2, ?3)",
            &[Param::Int(seq), (&mail.sender).into(), (&mail.subject).into()],
        )?;
        if dedup == Dedup::On {
            self.write_claims(seq, new)?;
        }
        self.event(seq, None, Kind::Received, new.source.as_str())?;
        Ok(seq)
    }

    fn insert_body(&self, seq: i64, body: &str) -> Result<(), LedgerError> {
        for (n, chunk) in (0..CHUNKS_PER_MAIL).zip(body.as_bytes().chunks(CHUNK_BYTES)) {
            self.sql.query(
                "INSERT INTO bodies(k, data) VALUES(?1, ?2)",
                &[Param::Int(seq * CHUNKS_PER_MAIL + n), chunk.into()],
            )?;
        }
        Ok(())
    }

    /// Puts a mail's processing on the schedule.
    pub(super) fn schedule_process(&self, seq: i64, due_at: Timestamp, notice: Notice) -> Result<(), LedgerError> {
        self.schedule(super::lease::process_work(seq), super::lease::PROCESS_LANE, Priority::Normal, due_at, notice)
    }

    /// Puts work on the schedule, free and due at `due_at`; it stands there once.
    pub(super) fn schedule(
        &self,
        work: i64,
        lane: &str,
        priority: Priority,
        due_at: Timestamp,
        notice: Notice,
    ) -> Result<(), LedgerError> {
        let [notified_until, silence] = notice.columns(self.now);
        self.sql.query(
            "INSERT INTO schedule(work, lane, priority, due_at, notified_until, silence) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT(work) DO UPDATE SET priority = excluded.priority, due_at = excluded.due_at, lease_until = 0, fence = 0,
             leases = 0, notified_until = excluded.notified_until, silence = excluded.silence",
            &[
                Param::Int(work),
                lane.into(),
                Param::Int(super::lease::rank(priority)),
                due_at.into(),
                notified_until,
                silence,
            ],
        )?;
        Ok(())
    }
}
