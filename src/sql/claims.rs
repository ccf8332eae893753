//! Is this mail new? The claims by which a mail is known.
//!
//! A mail is known by its `message_id`, and by its content (`email_id` and body digest). The content claim of a mail that came
//! without a `message_id` is *bare*: it also answers for later pushes that bring one, and learns it. Two mails with different
//! `message_id`s are never one.

use super::{Param, Sql, Store};
use crate::calendar::Timestamp;
use crate::ledger::{CLAIM_DAYS, LedgerError, MailState, NewMail};
use crate::mail::MailId;
use core::time::Duration;

/// A mail that is known already.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) mail: MailId,
    pub(super) ended: bool,
}

/// The claim table's words for its three kinds.
const MESSAGE: &str = "message";
const CONTENT: &str = "content";
const GROUP: &str = "group";

/// A claim as found.
struct Claim {
    seq: i64,
    bare: bool,
    known: Known,
}

impl<S: Sql> Store<'_, S> {
    /// The mail that this one repeats, if any. A repeat teaches a bare claim its `message_id`.
    pub(super) fn find_repeat(&self, new: &NewMail) -> Result<Option<Known>, LedgerError> {
        let content = self.claim(CONTENT, &content_key(new))?;
        let Some(message_id) = &new.mail.message_id else {
            return Ok(content.map(|claim| claim.known));
        };
        if let Some(claim) = self.claim(MESSAGE, message_id)? {
            return Ok(Some(claim.known));
        }
        match content {
            Some(claim) if claim.bare => {
                self.learn_message_id(claim.seq, new, message_id)?;
                Ok(Some(claim.known))
            }
            _ => Ok(None),
        }
    }

    /// Writes the claims of a new mail. A content claim that an older mail holds stays with it.
    pub(super) fn write_claims(&self, seq: i64, new: &NewMail) -> Result<(), LedgerError> {
        if let Some(message_id) = &new.mail.message_id {
            self.write_claim(MESSAGE, message_id, seq, 0, None)?;
        }
        let bare = i64::from(new.mail.message_id.is_none());
        self.write_claim(CONTENT, &content_key(new), seq, bare, None)
    }

    /// Claims a subject group for a mail. `false` when another mail holds it.
    pub(super) fn claim_group(&self, seq: i64, key: &str, expires_at: Timestamp) -> Result<bool, LedgerError> {
        self.sql.query(
            "DELETE FROM claims WHERE kind = ?1 AND k = ?2 AND expires_at <= ?3",
            &[GROUP.into(), key.into(), self.now.into()],
        )?;
        let taken = self.sql.query("SELECT 1 FROM claims WHERE kind = ?1 AND k = ?2", &[GROUP.into(), key.into()])?;
        if !taken.is_empty() {
            return Ok(false);
        }
        self.write_claim(GROUP, key, seq, 0, Some(expires_at))?;
        Ok(true)
    }

    fn claim(&self, kind: &str, key: &str) -> Result<Option<Claim>, LedgerError> {
        let rows = self.sql.query(
            "SELECT c.mail, c.bare, m.id, m.state, m.ended_at FROM claims c JOIN mails m ON m.seq = c.mail
             WHERE c.kind = ?1 AND c.k = ?2",
            &[kind.into(), key.into()],
        )?;
        let Some(row) = rows.first() else { return Ok(None) };
        let expired = row.opt_at(4)?.is_some_and(|ended| ended <= self.claims_end());
        if expired {
            self.sql.query("DELETE FROM claims WHERE kind = ?1 AND k = ?2", &[kind.into(), key.into()])?;
            return Ok(None);
        }
        let known = Known { mail: row.parsed(2, MailId::parse)?, ended: row.parsed(3, MailState::parse)?.ended() };
        Ok(Some(Claim { seq: row.int(0)?, bare: row.int(1)? != 0, known }))
    }

    /// Claims of mails that ended at or before this instant have expired.
    pub(super) fn claims_end(&self) -> Timestamp {
        self.now.minus(Duration::from_secs(u64::from(CLAIM_DAYS) * 86_400))
    }

    fn learn_message_id(&self, seq: i64, new: &NewMail, message_id: &str) -> Result<(), LedgerError> {
        self.sql.query(
            "UPDATE claims SET bare = 0 WHERE kind = ?1 AND k = ?2",
            &[CONTENT.into(), (&content_key(new)).into()],
        )?;
        self.sql.query(
            "UPDATE mails SET message_id = ?2, thread_id = coalesce(thread_id, ?3) WHERE seq = ?1",
            &[Param::Int(seq), message_id.into(), new.mail.thread_id.as_ref().into()],
        )?;
        self.write_claim(MESSAGE, message_id, seq, 0, None)
    }

    fn write_claim(
        &self,
        kind: &str,
        key: &str,
        seq: i64,
        bare: i64,
        expires_at: Option<Timestamp>,
    ) -> Result<(), LedgerError> {
        self.sql.query(
            "INSERT INTO claims(kind, k, mail, bare, expires_at) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            &[kind.into(), key.into(), Param::Int(seq), Param::Int(bare), expires_at.into()],
        )?;
        Ok(())
    }
}

fn content_key(new: &NewMail) -> String {
    format!("{}:{}", new.email_id.as_str(), new.digest.as_str())
}
