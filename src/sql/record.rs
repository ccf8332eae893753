//! What came of a delivery.

use super::events::Kind;
use super::lease::{delivery_of, delivery_work, priority};
use super::notify::Notice;
use super::{Param, Sql, Store};
use crate::calendar::Timestamp;
use crate::ledger::{Attempt, DeliveryState, HoldReason, LeaseToken, LedgerError, MailState, Next, Recorded, Report};

/// What a report needs to know of its delivery.
struct Target {
    seq: i64,
    mail: i64,
    key: String,
    rank: i64,
    state: DeliveryState,
}

impl<S: Sql> Store<'_, S> {
    /// See [`crate::ports::Ledger::record`].
    pub fn record(&self, token: &LeaseToken, report: &Report) -> Result<Recorded, LedgerError> {
        let Some(seq) = delivery_of(token.work) else { return Ok(Recorded::Stale) };
        let Some(target) = self.report_target(seq)? else { return Ok(Recorded::Stale) };
        let current = self.holds(token)?;
        if let Some(attempt) = &report.attempt {
            self.insert_attempt(&target, token, attempt, i64::from(!current))?;
        }
        if !current {
            if report.next == Next::Delivered && target.state != DeliveryState::Delivered {
                self.end_delivery(seq, DeliveryState::Delivered, "delivered")?;
            }
            return Ok(Recorded::Stale);
        }
        self.apply(&target, report)?;
        self.offer_place(&target.key)?;
        Ok(Recorded::Applied)
    }

    fn apply(&self, target: &Target, report: &Report) -> Result<(), LedgerError> {
        let code = report.attempt.as_ref().map_or("failed", |attempt| attempt.code.as_str());
        match &report.next {
            Next::Delivered => self.end_delivery(target.seq, DeliveryState::Delivered, "delivered"),
            Next::Failed => self.end_delivery(target.seq, DeliveryState::Failed, code),
            Next::Retry(at) => self.retry_delivery(target, code, *at),
            Next::Hold { reason, until } => self.hold_delivery(target.seq, *reason, *until),
            Next::TargetGone => {
                self.disable_target(target, code)?;
                self.hold_delivery(target.seq, HoldReason::TargetDisabled, None)
            }
        }
    }

    fn report_target(&self, seq: i64) -> Result<Option<Target>, LedgerError> {
        let rows = self
            .sql
            .query("SELECT mail, target, priority, state FROM deliveries WHERE seq = ?1", &[Param::Int(seq)])?;
        let Some(row) = rows.first() else { return Ok(None) };
        let state = row.parsed(3, DeliveryState::parse)?;
        Ok(Some(Target { seq, mail: row.int(0)?, key: row.text(1)?, rank: row.int(2)?, state }))
    }

    /// A report that is repeated, because its answer was lost, is one attempt: a lease makes one.
    fn insert_attempt(
        &self,
        target: &Target,
        token: &LeaseToken,
        attempt: &Attempt,
        stale: i64,
    ) -> Result<(), LedgerError> {
        let bytes = i64::try_from(attempt.payload_bytes).unwrap_or(i64::MAX);
        let rows = self.sql.query(
            "INSERT INTO attempts(delivery, started_at, duration_ms, code, status, modes, payload_bytes, payload_digest, snippet,
                                  failure_reason, stale, fence)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT(delivery, fence) DO NOTHING RETURNING seq",
            &[
                Param::Int(target.seq),
                attempt.started_at.into(),
                Param::Int(i64::try_from(attempt.duration_ms).unwrap_or(i64::MAX)),
                (&attempt.code).into(),
                attempt.status.map(i64::from).into(),
                (&attempt.modes.join(",")).into(),
                Param::Int(bytes),
                (&attempt.payload_digest).into(),
                attempt.snippet.as_ref().into(),
                attempt.failure_reason.as_ref().into(),
                Param::Int(stale),
                Param::Int(token.fence),
            ],
        )?;
        if rows.is_empty() {
            return Ok(());
        }
        self.event(target.mail, Some(target.seq), Kind::Attempt, &attempt.code)
    }

    fn retry_delivery(&self, target: &Target, code: &str, at: Timestamp) -> Result<(), LedgerError> {
        self.sql.query(
            "UPDATE deliveries SET state = ?2, reason = ?3, failures = failures + 1, hold_until = NULL WHERE seq = ?1",
            &[Param::Int(target.seq), DeliveryState::Retrying.code().into(), code.into()],
        )?;
        self.schedule(delivery_work(target.seq), &target.key, priority(target.rank), at, Notice::None)?;
        self.refresh_mail(target.mail)
    }

    /// Makes a delivery wait, using no attempt.
    pub(super) fn hold_delivery(
        &self,
        seq: i64,
        reason: HoldReason,
        until: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        let held = [Param::Int(seq), DeliveryState::Held.code().into(), reason.code().into()];
        let again = self.sql.query("SELECT 1 FROM deliveries WHERE seq = ?1 AND state = ?2 AND reason = ?3", &held)?;
        let rows = self.sql.query(
            "UPDATE deliveries SET state = ?2, reason = ?3, hold_until = ?4, held_at = ?5 WHERE seq = ?1
             RETURNING mail, target, priority",
            &[Param::Int(seq), DeliveryState::Held.code().into(), reason.code().into(), until.into(), self.now.into()],
        )?;
        let Some(row) = rows.first() else { return Ok(()) };
        match until {
            Some(at) => self.schedule(delivery_work(seq), &row.text(1)?, priority(row.int(2)?), at, Notice::None)?,
            None => self.unschedule(delivery_work(seq))?,
        }
        let mail = row.int(0)?;
        // One that goes on waiting is no news: behind an hourly limit a backlog is looked at with each place that is free.
        if again.is_empty() {
            self.event(mail, Some(seq), Kind::Held, reason.code())?;
        }
        self.refresh_mail(mail)
    }

    /// A held delivery that is handed out again is held no more.
    pub(super) fn unhold_delivery(&self, seq: i64) -> Result<(), LedgerError> {
        let rows = self.sql.query(
            "UPDATE deliveries SET state = 'queued', reason = NULL, hold_until = NULL, released = coalesce(released, 'due')
             WHERE seq = ?1 AND state = 'held' RETURNING mail",
            &[Param::Int(seq)],
        )?;
        let Some(row) = rows.first() else { return Ok(()) };
        let mail = row.int(0)?;
        self.event(mail, Some(seq), Kind::Released, "due")?;
        self.refresh_mail(mail)
    }

    /// Brings a delivery to an end state.
    pub(super) fn end_delivery(&self, seq: i64, state: DeliveryState, code: &str) -> Result<(), LedgerError> {
        let rows = self.sql.query(
            "UPDATE deliveries SET state = ?2, reason = ?3, hold_until = NULL, ended_at = ?4 WHERE seq = ?1 RETURNING mail",
            &[Param::Int(seq), state.code().into(), code.into(), self.now.into()],
        )?;
        self.unschedule(delivery_work(seq))?;
        let Some(row) = rows.first() else { return Ok(()) };
        let mail = row.int(0)?;
        self.event(mail, Some(seq), Kind::Ended, code)?;
        self.refresh_mail(mail)
    }

    /// Whether a target is disabled.
    pub(super) fn target_disabled(&self, key: &str) -> Result<bool, LedgerError> {
        Ok(!self.sql.query("SELECT 1 FROM disabled_targets WHERE target = ?1", &[key.into()])?.is_empty())
    }

    fn disable_target(&self, target: &Target, code: &str) -> Result<(), LedgerError> {
        self.sql.query(
            "INSERT INTO disabled_targets(target, code, at) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
            &[(&target.key).into(), code.into(), self.now.into()],
        )?;
        self.event(target.mail, Some(target.seq), Kind::TargetDisabled, code)
    }

    /// Derives a mail's state from its deliveries, with the reason of the one that decides it.
    pub(super) fn refresh_mail(&self, mail: i64) -> Result<(), LedgerError> {
        let rows = self.sql.query(
            "SELECT state, reason, hold_until FROM deliveries WHERE mail = ?1 ORDER BY seq",
            &[Param::Int(mail)],
        )?;
        let states = rows.iter().map(|row| row.parsed(0, DeliveryState::parse)).collect::<Result<Vec<_>, _>>()?;
        let state = MailState::of_deliveries(&states);
        let decisive = rows.iter().find(|row| row.text(0).is_ok_and(|own| own == state.code()));
        let (reason, until) = match decisive {
            Some(row) => (row.opt_text(1)?, row.opt_at(2)?),
            None => (None, None),
        };
        let ended_at = state.ended().then_some(self.now);
        self.sql.query(
            "UPDATE mails SET state = ?2, reason = ?3, hold_until = ?4, ended_at = ?5 WHERE seq = ?1",
            &[Param::Int(mail), state.code().into(), reason.as_ref().into(), until.into(), ended_at.into()],
        )?;
        Ok(())
    }
}
