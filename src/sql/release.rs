//! Letting held work go, and sending dead letters again.

use super::events::Kind;
use super::lease::{delivery_work, priority, process_work};
use super::notify::Notice;
use super::{Param, Row, Sql, Store};
use crate::calendar::Timestamp;
use crate::ledger::{DeliveryState, HoldReason, LedgerError, MailState, Pass, Release, Selection};
use crate::mail::MailId;

/// At most this many items are let go in one step; the caller asks again until it gets 0.
const PAGE: i64 = 500;

impl<S: Sql> Store<'_, S> {
    /// See [`crate::ports::Ledger::release`]. At most 500 items a call.
    pub fn release(&self, release: &Release) -> Result<u64, LedgerError> {
        let (mails, deliveries) = match &release.which {
            Selection::Mail(id) => self.held_of_mail(id)?,
            Selection::Reason(reason, before) => self.held_for(*reason, *before)?,
            Selection::Target(key) => {
                self.sql.query("DELETE FROM disabled_targets WHERE target = ?1", &[key.into()])?;
                (Vec::new(), self.held_of_target(key)?)
            }
        };
        for row in &mails {
            self.release_mail(row.int(0)?, release.pass)?;
        }
        for row in &deliveries {
            self.release_delivery(row, release.pass)?;
        }
        Ok(u64::try_from(mails.len() + deliveries.len()).unwrap_or(u64::MAX))
    }

    /// See [`crate::ports::Ledger::replay`].
    pub fn replay(&self, mail: &MailId) -> Result<u64, LedgerError> {
        let mut failed = self.failed_of(mail)?;
        failed.retain(|row| row.int(4) == Ok(1));
        for row in &failed {
            let (seq, mail) = (row.int(0)?, row.int(3)?);
            self.sql.query(
                "UPDATE deliveries SET state = 'queued', reason = NULL, failures = 0, ended_at = NULL, released = 'due' WHERE seq = ?1",
                &[Param::Int(seq)],
            )?;
            self.schedule(delivery_work(seq), &row.text(1)?, priority(row.int(2)?), self.now, Notice::None)?;
            self.event(mail, Some(seq), Kind::Released, "replayed")?;
            self.refresh_mail(mail)?;
        }
        Ok(u64::try_from(failed.len()).unwrap_or(u64::MAX))
    }

    /// See [`crate::ports::Ledger::dismiss`].
    pub fn dismiss(&self, mail: &MailId) -> Result<u64, LedgerError> {
        let (waiting, held) = self.held_of_mail(mail)?;
        let failed = self.failed_of(mail)?;
        for row in &waiting {
            let seq = row.int(0)?;
            self.unschedule(process_work(seq))?;
            self.end_mail(seq, MailState::Dismissed, Some("dismissed"))?;
        }
        for row in held.iter().chain(&failed) {
            self.end_delivery(row.int(0)?, DeliveryState::Dismissed, "dismissed")?;
        }
        Ok(u64::try_from(waiting.len() + held.len() + failed.len()).unwrap_or(u64::MAX))
    }

    /// The failed deliveries of a mail, with whether its body is still kept.
    fn failed_of(&self, mail: &MailId) -> Result<Vec<Row>, LedgerError> {
        Ok(self.sql.query(
            "SELECT d.seq, d.target, d.priority, d.mail, m.body_kept FROM deliveries d JOIN mails m ON m.seq = d.mail
             WHERE m.id = ?1 AND d.state = 'failed'",
            &[mail.as_str().into()],
        )?)
    }

    fn held_of_mail(&self, id: &MailId) -> Result<(Vec<Row>, Vec<Row>), LedgerError> {
        // A mail with deliveries shows their state; only one that waits as a whole is processed again.
        let mails = self.sql.query(
            "SELECT seq FROM mails m WHERE id = ?1 AND state = 'held'
             AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.mail = m.seq)",
            &[id.as_str().into()],
        )?;
        let deliveries = self.sql.query(
            "SELECT d.seq, d.target, d.priority, d.mail FROM deliveries d JOIN mails m ON m.seq = d.mail
             WHERE m.id = ?1 AND d.state = 'held'",
            &[id.as_str().into()],
        )?;
        Ok((mails, deliveries))
    }

    /// What was held for a reason before an instant. What was held in the future was held before the clock was set back.
    fn held_for(&self, reason: HoldReason, before: Timestamp) -> Result<(Vec<Row>, Vec<Row>), LedgerError> {
        let mails = self.sql.query(
            "SELECT seq FROM mails m WHERE state = 'held' AND reason = ?1 AND (held_at < ?3 OR held_at > ?4)
             AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.mail = m.seq) ORDER BY seq LIMIT ?2",
            &[reason.code().into(), Param::Int(PAGE), before.into(), self.now.into()],
        )?;
        let deliveries = self.sql.query(
            "SELECT seq, target, priority, mail FROM deliveries WHERE state = 'held' AND reason = ?1
             AND (held_at < ?3 OR held_at > ?4) ORDER BY seq LIMIT ?2",
            &[reason.code().into(), Param::Int(PAGE), before.into(), self.now.into()],
        )?;
        Ok((mails, deliveries))
    }

    fn held_of_target(&self, key: &str) -> Result<Vec<Row>, LedgerError> {
        Ok(self.sql.query(
            "SELECT seq, target, priority, mail FROM deliveries WHERE state = 'held' AND reason = ?1 AND target = ?2 LIMIT ?3",
            &[HoldReason::TargetDisabled.code().into(), key.into(), Param::Int(PAGE)],
        )?)
    }

    fn release_mail(&self, mail: i64, pass: Pass) -> Result<(), LedgerError> {
        self.sql.query(
            "UPDATE mails SET state = 'queued', reason = NULL, hold_until = NULL,
             released = CASE WHEN released = 'send_now' THEN released ELSE ?2 END WHERE seq = ?1",
            &[Param::Int(mail), pass.as_str().into()],
        )?;
        self.process_again(mail)?;
        self.event(mail, None, Kind::Released, pass.as_str())
    }

    fn release_delivery(&self, row: &Row, pass: Pass) -> Result<(), LedgerError> {
        let (seq, mail) = (row.int(0)?, row.int(3)?);
        self.sql.query(
            "UPDATE deliveries SET state = 'queued', reason = NULL, hold_until = NULL,
             released = CASE WHEN released = 'send_now' THEN released ELSE ?2 END WHERE seq = ?1",
            &[Param::Int(seq), pass.as_str().into()],
        )?;
        self.schedule(delivery_work(seq), &row.text(1)?, priority(row.int(2)?), self.now, Notice::None)?;
        self.event(mail, Some(seq), Kind::Released, pass.as_str())?;
        self.refresh_mail(mail)
    }
}
