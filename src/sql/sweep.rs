//! Removing what retention no longer keeps, in pages, so that no step holds the store for long.

use super::schema::CHUNKS_PER_MAIL;
use super::{Param, Row, Sql, Store};
use crate::ledger::{CLAIM_DAYS, DEAD_LETTER_DAYS, LedgerError, MailState, Retention, Swept};
use core::time::Duration;

/// At most this many bodies, records and groups a page.
const PAGE: u64 = 100;

/// The oldest mails of a state that ended by an instant and still have their body.
const WITH_BODY: &str =
    "SELECT seq FROM mails WHERE state = ?1 AND ended_at <= ?2 AND body_kept = 1 ORDER BY ended_at LIMIT ?3";

/// The oldest mails of a state that ended by an instant.
const ON_RECORD: &str = "SELECT seq FROM mails WHERE state = ?1 AND ended_at <= ?2 ORDER BY ended_at LIMIT ?3";

impl<S: Sql> Store<'_, S> {
    /// See [`crate::ports::Ledger::sweep`]. A record is kept at least as long as its claims, [`CLAIM_DAYS`] days.
    pub fn sweep(&self, retention: &Retention) -> Result<Swept, LedgerError> {
        let bodies = self.ended(WITH_BODY, retention.bodies)?;
        for row in &bodies {
            self.remove_body(row.int(0)?)?;
        }
        let records = self.ended(ON_RECORD, retention.records.max(days(CLAIM_DAYS)))?;
        let groups = self.remove_expired_groups()?;
        let mut claims = groups;
        for row in &records {
            claims += self.remove_record(row.int(0)?)?;
        }
        let (bodies, records) = (count(&bodies), count(&records));
        Ok(Swept { bodies, records, claims, more: [bodies, records, groups].contains(&PAGE) })
    }

    /// The oldest mails whose end state is `kept` old, at most a page. Each state is asked for by itself, so that dead letters,
    /// which stay longest, are not read over and over on the way to the others.
    fn ended(&self, statement: &'static str, kept: Duration) -> Result<Vec<Row>, LedgerError> {
        let mut found = Vec::new();
        for state in MailState::ALL.iter().filter(|state| state.ended()) {
            let kept = if *state == MailState::Failed { kept.max(days(DEAD_LETTER_DAYS)) } else { kept };
            let room = PAGE.saturating_sub(count(&found));
            found.extend(self.sql.query(statement, &[state.code().into(), self.now.minus(kept).into(), limit(room)])?);
        }
        Ok(found)
    }

    fn remove_body(&self, mail: i64) -> Result<(), LedgerError> {
        self.sql.query(
            "DELETE FROM bodies WHERE k >= ?1 AND k < ?2",
            &[Param::Int(mail * CHUNKS_PER_MAIL), Param::Int((mail + 1) * CHUNKS_PER_MAIL)],
        )?;
        self.sql.query("UPDATE mails SET body_kept = 0 WHERE seq = ?1", &[Param::Int(mail)])?;
        Ok(())
    }

    /// Removes a mail with everything that belongs to it, except a subject group: that one has a time of its own. Returns how
    /// many claims went.
    fn remove_record(&self, mail: i64) -> Result<u64, LedgerError> {
        let seq = [Param::Int(mail)];
        self.remove_body(mail)?;
        self.sql.query("DELETE FROM attempts WHERE delivery IN (SELECT seq FROM deliveries WHERE mail = ?1)", &seq)?;
        self.sql.query("DELETE FROM deliveries WHERE mail = ?1", &seq)?;
        self.sql.query("DELETE FROM events WHERE mail = ?1", &seq)?;
        self.sql.query("DELETE FROM mails_text WHERE rowid = ?1", &seq)?;
        let claims = self.sql.query("DELETE FROM claims WHERE mail = ?1 AND kind <> 'group' RETURNING kind", &seq)?;
        self.sql.query("DELETE FROM mails WHERE seq = ?1", &seq)?;
        Ok(count(&claims))
    }

    fn remove_expired_groups(&self) -> Result<u64, LedgerError> {
        let rows = self.sql.query(
            "DELETE FROM claims WHERE kind = 'group' AND k IN (SELECT k FROM claims WHERE expires_at <= ?1 LIMIT ?2) RETURNING kind",
            &[self.now.into(), limit(PAGE)],
        )?;
        Ok(count(&rows))
    }
}

fn count(rows: &[Row]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

fn limit(rows: u64) -> Param<'static> {
    Param::Int(i64::try_from(rows).unwrap_or(i64::MAX))
}

const fn days(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 86_400)
}
