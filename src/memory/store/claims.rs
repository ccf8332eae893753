//! By what a mail is known.

use super::Step;
use super::state::{Claim, ClaimRow};
use crate::calendar::Timestamp;
use crate::ledger::{Admitted, CLAIM_DAYS, GroupClaim, NewMail};
use core::time::Duration;

impl Step<'_> {
    /// The answer for a mail that is known already. A repeat teaches a bare claim its `message_id`.
    pub(super) fn known(&mut self, new: &NewMail) -> Option<Admitted> {
        let content = self.live(&content(new));
        let Some(message_id) = &new.mail.message_id else { return self.answer(content?.0) };
        if let Some((mail, _)) = self.live(&Claim::Message(message_id.clone())) {
            return self.answer(mail);
        }
        let (mail, bare) = content?;
        if !bare {
            return None;
        }
        self.learn(mail, new, message_id);
        self.answer(mail)
    }

    /// Writes the claims of a new mail. What another mail holds stays with it.
    pub(super) fn claim(&mut self, mail: i64, new: &NewMail) {
        let message_id = new.mail.message_id.clone();
        let bare = message_id.is_none();
        self.state.claims.entry(content(new)).or_insert(ClaimRow { mail, bare, expires_at: None });
        if let Some(message_id) = message_id {
            self.state.claims.entry(Claim::Message(message_id)).or_insert(ClaimRow {
                mail,
                bare: false,
                expires_at: None,
            });
        }
    }

    /// Claims a subject group for a mail, unless another mail holds it.
    pub(super) fn claim_group(&mut self, mail: i64, group: &GroupClaim) -> Result<(), GroupTaken> {
        let key = Claim::Group(group.key.clone());
        let taken = self.state.claims.get(&key).and_then(|claim| claim.expires_at).is_some_and(|end| end > self.now);
        if taken {
            return Err(GroupTaken);
        }
        self.state.claims.insert(key, ClaimRow { mail, bare: false, expires_at: Some(group.expires_at) });
        Ok(())
    }

    /// The claims on the ids of mails that ended at or before this instant are over.
    pub(super) fn claims_end(&self) -> Timestamp {
        self.now.minus(Duration::from_secs(u64::from(CLAIM_DAYS) * 86_400))
    }

    /// The mail that holds a claim, and whether the claim is bare. A claim found to be over goes.
    fn live(&mut self, key: &Claim) -> Option<(i64, bool)> {
        let claim = self.state.claims.get(key)?;
        let (mail, bare) = (claim.mail, claim.bare);
        let ended = self.state.mails.get(&mail)?.ended_at;
        if ended.is_some_and(|ended| ended <= self.claims_end()) {
            self.state.claims.remove(key);
            return None;
        }
        Some((mail, bare))
    }

    fn answer(&self, mail: i64) -> Option<Admitted> {
        let row = self.state.mails.get(&mail)?;
        Some(Admitted::Known { mail: row.new.id.clone(), ended: row.state.ended() })
    }

    fn learn(&mut self, mail: i64, new: &NewMail, message_id: &str) {
        if let Some(claim) = self.state.claims.get_mut(&content(new)) {
            claim.bare = false;
        }
        let claim = Claim::Message(message_id.to_owned());
        self.state.claims.entry(claim).or_insert(ClaimRow { mail, bare: false, expires_at: None });
        if let Some(row) = self.state.mails.get_mut(&mail) {
            row.new.mail.message_id = Some(message_id.to_owned());
            if row.new.mail.thread_id.is_none() {
                row.new.mail.thread_id.clone_from(&new.mail.thread_id);
            }
        }
    }
}

/// Another mail holds the group.
pub(super) struct GroupTaken;

fn content(new: &NewMail) -> Claim {
    Claim::Content(new.email_id.as_str().to_owned(), new.digest.as_str().to_owned())
}
