//! Reading the ledger.

use super::lease::priority;
use super::schema::CHUNKS_PER_MAIL;
use super::{Param, Row, Sql, Store};
use crate::delivery::DeliveryId;
use crate::ledger::{
    Attempt, AttemptView, DeliveryJob, DeliveryState, DeliveryView, EventView, LedgerError, MailFilter, MailLife,
    MailPage, MailState, MailSummary, Pass, Stats, StoredMail,
};
use crate::mail::{EmailId, Mail, MailId, SenderEmail, Source};

/// The columns of a [`MailSummary`], in its order, then `seq` and `message_id`.
macro_rules! summary {
    ($rest:literal) => {
        concat!(
            "SELECT id, email_id, accepted_at, sender, subject, body_bytes, state, reason, detector, hold_until, ended_at, seq,
             message_id FROM mails ",
            $rest
        )
    };
}

impl<S: Sql> Store<'_, S> {
    /// See [`crate::ports::Ledger::life`].
    pub fn life(&self, mail: &MailId) -> Result<Option<MailLife>, LedgerError> {
        let rows = self.sql.query(summary!("WHERE id = ?1"), &[mail.as_str().into()])?;
        rows.first().map(|row| self.life_of(row)).transpose()
    }

    /// See [`crate::ports::Ledger::life_of_delivery`].
    pub fn life_of_delivery(&self, delivery: &DeliveryId) -> Result<Option<MailLife>, LedgerError> {
        let rows = self
            .sql
            .query(summary!("WHERE seq = (SELECT mail FROM deliveries WHERE id = ?1)"), &[delivery.as_str().into()])?;
        rows.first().map(|row| self.life_of(row)).transpose()
    }

    /// See [`crate::ports::Ledger::list`].
    pub fn list(&self, filter: &MailFilter) -> Result<MailPage, LedgerError> {
        let limit = i64::from(filter.limit.clamp(1, 500));
        let before = match &filter.before {
            Some(id) => self.seq_of(id)?.unwrap_or(0),
            None => i64::MAX >> 11, // 2^52: still a whole number as a JavaScript number
        };
        let state = filter.state.map(MailState::code);
        let rows = match text_query(filter.text.as_deref()) {
            Some(text) => self.sql.query(
                summary!(
                    "WHERE seq IN (SELECT rowid FROM mails_text WHERE mails_text MATCH ?4)
                     AND seq < ?1 AND (?2 IS NULL OR state = ?2 OR (?2 = 'failed' AND EXISTS (
                         SELECT 1 FROM deliveries d WHERE d.mail = mails.seq AND d.state = 'failed')))
                     ORDER BY seq DESC LIMIT ?3"
                ),
                &[Param::Int(before), state.into(), Param::Int(limit + 1), (&text).into()],
            )?,
            // A dead letter is found though another delivery of its mail still waits.
            None if filter.state == Some(MailState::Failed) => self.sql.query(
                summary!(
                    "WHERE seq IN (SELECT mail FROM deliveries WHERE state = 'failed') AND seq < ?1
                     ORDER BY seq DESC LIMIT ?2"
                ),
                &[Param::Int(before), Param::Int(limit + 1)],
            )?,
            None if state.is_some() => self.sql.query(
                summary!("WHERE state = ?2 AND seq < ?1 ORDER BY seq DESC LIMIT ?3"),
                &[Param::Int(before), state.into(), Param::Int(limit + 1)],
            )?,
            None => self.sql.query(
                summary!("WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2"),
                &[Param::Int(before), Param::Int(limit + 1)],
            )?,
        };
        let mut mails = rows.iter().map(mail_summary).collect::<Result<Vec<_>, _>>()?;
        let more = mails.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        mails.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = if more { mails.last().map(|mail| mail.id.clone()) } else { None };
        Ok(MailPage { mails, next, searched: None })
    }

    /// See [`crate::ports::Ledger::stats`].
    pub fn stats(&self) -> Result<Stats, LedgerError> {
        let counts = self.sql.query("SELECT state, count(*) FROM mails GROUP BY state", &[])?;
        let mails = counts
            .iter()
            .map(|row| Ok((row.parsed(0, MailState::parse)?, unsigned(row.int(1)?))))
            .collect::<Result<Vec<_>, LedgerError>>()?;
        let in_flight = self.in_flight()?.values().sum::<i64>();
        let oldest = self.sql.query("SELECT min(due_at) FROM schedule WHERE lease_until = 0", &[])?;
        let oldest_due = oldest.first().map(|row| row.opt_at(0)).transpose()?.flatten();
        let disabled = self.sql.query("SELECT target, code FROM disabled_targets ORDER BY target", &[])?;
        let disabled_targets =
            disabled.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect::<Result<Vec<_>, LedgerError>>()?;
        Ok(Stats { mails, in_flight: unsigned(in_flight), oldest_due, disabled_targets })
    }

    fn life_of(&self, row: &Row) -> Result<MailLife, LedgerError> {
        let seq = row.int(11)?;
        Ok(MailLife {
            mail: mail_summary(row)?,
            message_id: row.opt_text(12)?,
            deliveries: self.delivery_views(seq)?,
            events: self.event_views(seq)?,
        })
    }

    fn delivery_views(&self, mail: i64) -> Result<Vec<DeliveryView>, LedgerError> {
        let rows = self.sql.query(
            "SELECT d.seq, d.id, d.target, d.url, d.state, d.reason, s.due_at, d.ended_at
             FROM deliveries d LEFT JOIN schedule s ON s.work = d.seq * 2 + 1 WHERE d.mail = ?1 ORDER BY d.seq",
            &[Param::Int(mail)],
        )?;
        rows.iter().map(|row| self.delivery_view(row)).collect()
    }

    fn delivery_view(&self, row: &Row) -> Result<DeliveryView, LedgerError> {
        let attempts = self.sql.query(
            "SELECT started_at, duration_ms, code, status, modes, payload_bytes, payload_digest, snippet, failure_reason, stale
             FROM attempts WHERE delivery = ?1 ORDER BY seq",
            &[Param::Int(row.int(0)?)],
        )?;
        Ok(DeliveryView {
            id: row.parsed(1, DeliveryId::parse)?,
            target: row.text(2)?,
            url: row.text(3)?,
            state: row.parsed(4, DeliveryState::parse)?,
            reason: row.opt_text(5)?,
            due_at: row.opt_at(6)?,
            ended_at: row.opt_at(7)?,
            attempts: attempts.iter().map(attempt_view).collect::<Result<Vec<_>, _>>()?,
        })
    }

    fn event_views(&self, mail: i64) -> Result<Vec<EventView>, LedgerError> {
        let rows = self.sql.query(
            "SELECT e.seq, e.at, e.kind, e.code, d.id FROM events e LEFT JOIN deliveries d ON d.seq = e.delivery
             WHERE e.mail = ?1 ORDER BY e.seq",
            &[Param::Int(mail)],
        )?;
        rows.iter()
            .map(|row| {
                let delivery = row.opt_text(4)?.and_then(|id| DeliveryId::parse(&id));
                Ok(EventView { seq: row.int(0)?, at: row.at(1)?, kind: row.text(2)?, code: row.text(3)?, delivery })
            })
            .collect()
    }

    /// A mail with its body.
    pub(super) fn stored_mail(&self, seq: i64) -> Result<StoredMail, LedgerError> {
        let rows = self.sql.query(
            "SELECT id, email_id, source, accepted_at, released, subject, sender, sender_email, date, message_id, thread_id,
                    body_bytes
             FROM mails WHERE seq = ?1",
            &[Param::Int(seq)],
        )?;
        let row = rows.first().ok_or_else(|| LedgerError::Corrupt("a mail is missing".to_owned()))?;
        Ok(StoredMail {
            id: row.parsed(0, MailId::parse)?,
            email_id: row.parsed(1, EmailId::parse)?,
            source: row.parsed(2, Source::parse)?,
            accepted_at: row.at(3)?,
            released: released(row, 4)?,
            mail: Mail {
                subject: row.text(5)?,
                sender: row.text(6)?,
                sender_email: SenderEmail::from(row.text(7)?),
                date: row.text(8)?,
                body: self.body(seq, row.int(11)?)?,
                message_id: row.opt_text(9)?,
                thread_id: row.opt_text(10)?,
            },
        })
    }

    /// A mail's body, whole: one that lost a chunk is never handed out.
    fn body(&self, seq: i64, size: i64) -> Result<String, LedgerError> {
        let chunks = self.sql.query(
            "SELECT data FROM bodies WHERE k >= ?1 AND k < ?2 ORDER BY k",
            &[Param::Int(seq * CHUNKS_PER_MAIL), Param::Int((seq + 1) * CHUNKS_PER_MAIL)],
        )?;
        let mut bytes = Vec::new();
        for chunk in chunks {
            let chunk = chunk.into_blob()?;
            if bytes.is_empty() {
                bytes = chunk;
            } else {
                bytes.extend_from_slice(&chunk);
            }
        }
        if i64::try_from(bytes.len()) != Ok(size) {
            return Err(LedgerError::Corrupt("a body is not whole".to_owned()));
        }
        String::from_utf8(bytes).map_err(|_| LedgerError::Corrupt("a body is not text".to_owned()))
    }

    /// What is needed to send a delivery.
    pub(super) fn delivery_job(&self, seq: i64) -> Result<DeliveryJob, LedgerError> {
        let rows = self.sql.query(
            "SELECT id, target, url, facts, priority, failures, released FROM deliveries WHERE seq = ?1",
            &[Param::Int(seq)],
        )?;
        let row = rows.first().ok_or_else(|| LedgerError::Corrupt("a delivery is missing".to_owned()))?;
        Ok(DeliveryJob {
            id: row.parsed(0, DeliveryId::parse)?,
            target: row.text(1)?,
            url: row.text(2)?,
            facts: serde_json::from_slice(row.text(3)?.as_bytes())
                .map_err(|error| LedgerError::Corrupt(error.to_string()))?,
            priority: priority(row.int(4)?),
            failures: u32::try_from(row.int(5)?).unwrap_or(u32::MAX),
            released: released(row, 6)?,
        })
    }

    /// The mail a delivery belongs to.
    pub(super) fn mail_of_delivery(&self, seq: i64) -> Result<i64, LedgerError> {
        let rows = self.sql.query("SELECT mail FROM deliveries WHERE seq = ?1", &[Param::Int(seq)])?;
        rows.first().ok_or_else(|| LedgerError::Corrupt("a delivery is missing".to_owned()))?.int(0)
    }

    /// The size of a mail's body.
    pub(super) fn body_bytes(&self, seq: i64) -> Result<i64, LedgerError> {
        let rows = self.sql.query("SELECT body_bytes FROM mails WHERE seq = ?1", &[Param::Int(seq)])?;
        rows.first().ok_or_else(|| LedgerError::Corrupt("a mail is missing".to_owned()))?.int(0)
    }

    fn seq_of(&self, id: &MailId) -> Result<Option<i64>, LedgerError> {
        let rows = self.sql.query("SELECT seq FROM mails WHERE id = ?1", &[id.as_str().into()])?;
        rows.first().map(|row| row.int(0)).transpose()
    }
}

fn released(row: &Row, column: usize) -> Result<Option<Pass>, LedgerError> {
    Ok(row.opt_text(column)?.and_then(|word| Pass::parse(&word)))
}

fn mail_summary(row: &Row) -> Result<MailSummary, LedgerError> {
    Ok(MailSummary {
        id: row.parsed(0, MailId::parse)?,
        email_id: row.text(1)?,
        accepted_at: row.at(2)?,
        sender: row.text(3)?,
        subject: row.text(4)?,
        body_bytes: unsigned(row.int(5)?),
        state: row.parsed(6, MailState::parse)?,
        reason: row.opt_text(7)?,
        detector: row.opt_text(8)?,
        hold_until: row.opt_at(9)?,
        ended_at: row.opt_at(10)?,
    })
}

fn attempt_view(row: &Row) -> Result<AttemptView, LedgerError> {
    let modes = row.text(4)?;
    let attempt = Attempt {
        started_at: row.at(0)?,
        duration_ms: unsigned(row.int(1)?),
        code: row.text(2)?,
        status: row.opt_int(3)?.and_then(|status| u16::try_from(status).ok()),
        modes: modes.split(',').filter(|mode| !mode.is_empty()).map(ToOwned::to_owned).collect(),
        payload_bytes: unsigned(row.int(5)?),
        payload_digest: row.text(6)?,
        snippet: row.opt_text(7)?,
        failure_reason: row.opt_text(8)?,
    };
    Ok(AttemptView { attempt, stale: row.int(9)? != 0 })
}

/// The words of a search as one quoted term each, so that no character of theirs is an operator. A NUL parts words: SQLite
/// reads a query up to the first one.
fn text_query(text: Option<&str>) -> Option<String> {
    let terms: Vec<String> = text?
        .split(|c: char| c.is_whitespace() || c == '\0')
        .filter(|word| word.chars().count() >= 3)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    if terms.is_empty() { None } else { Some(terms.join(" AND ")) }
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
