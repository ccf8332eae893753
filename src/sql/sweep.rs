//! Removing what retention no longer keeps, in pages, so that no step holds the store for long.

use super::schema::CHUNKS_PER_MAIL;
use super::{Param, Row, Sql, Store};
use crate::calendar::Timestamp;
use crate::ledger::{CLAIM_DAYS, DEAD_LETTER_DAYS, LedgerError, Retention, Swept};
use core::time::Duration;

/// At most this many mails a page.
const PAGE: i64 = 100;

impl<S: Sql> Store<'_, S> {
    /// See [`crate::ports::Ledger::sweep`]. A record is kept at least as long as its claims, [`CLAIM_DAYS`] days.
    pub fn sweep(&self, retention: &Retention) -> Result<Swept, LedgerError> {
        let dead = self.now.minus(days(DEAD_LETTER_DAYS));
        let bodies = self.ended(self.now.minus(retention.bodies), dead, "body")?;
        for row in &bodies {
            self.remove_body(row.int(0)?)?;
        }
        let kept = retention.records.max(days(CLAIM_DAYS));
        let records = self.ended(self.now.minus(kept), dead, "record")?;
        let mut claims = self.remove_expired_groups()?;
        for row in &records {
            claims += self.remove_record(row.int(0)?)?;
        }
        let full = |rows: &[Row]| i64::try_from(rows.len()).is_ok_and(|count| count >= PAGE);
        Ok(Swept {
            bodies: u64::try_from(bodies.len()).unwrap_or(0),
            records: u64::try_from(records.len()).unwrap_or(0),
            claims,
            more: full(&bodies) || full(&records),
        })
    }

    /// The oldest mails that ended by `end`; dead letters only when they ended by `dead`.
    fn ended(&self, end: Timestamp, dead: Timestamp, what: &str) -> Result<Vec<Row>, LedgerError> {
        Ok(self.sql.query(
            "SELECT seq FROM mails
             WHERE ended_at IS NOT NULL AND ended_at <= ?1 AND (body_kept = 1 OR ?3 = 'record')
             AND (state <> 'failed' OR ended_at <= ?2) ORDER BY ended_at LIMIT ?4",
            &[end.into(), dead.into(), what.into(), Param::Int(PAGE)],
        )?)
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
        Ok(u64::try_from(claims.len()).unwrap_or(0))
    }

    fn remove_expired_groups(&self) -> Result<u64, LedgerError> {
        let rows = self
            .sql
            .query("DELETE FROM claims WHERE kind = 'group' AND expires_at <= ?1 RETURNING kind", &[self.now.into()])?;
        Ok(u64::try_from(rows.len()).unwrap_or(0))
    }
}

const fn days(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 86_400)
}
