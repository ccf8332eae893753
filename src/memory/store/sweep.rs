//! Removing what retention no longer keeps.

use super::Step;
use crate::ledger::{CLAIM_DAYS, DEAD_LETTER_DAYS, MailState, Retention, Swept};
use core::time::Duration;

/// At most this many mails a page.
const PAGE: usize = 100;

impl Step<'_> {
    pub(super) fn sweep(&mut self, retention: &Retention) -> Swept {
        let bodies = self.ended(retention.bodies, Kept::Body);
        for seq in &bodies {
            self.remove_body(*seq);
        }
        let records = self.ended(retention.records.max(days(CLAIM_DAYS)), Kept::Record);
        let before = self.state.claims.len();
        let groups = self.remove_expired_groups();
        for seq in &records {
            self.remove_record(*seq);
        }
        Swept {
            bodies: count(bodies.len()),
            records: count(records.len()),
            claims: count(before - self.state.claims.len()),
            more: [bodies.len(), records.len(), groups].contains(&PAGE),
        }
    }

    /// A page of the mails whose end state is so old, state by state and the oldest first; dead letters are kept longer.
    fn ended(&self, kept: Duration, what: Kept) -> Vec<i64> {
        let mut found: Vec<_> = self
            .state
            .mails
            .iter()
            .filter(|(_, mail)| mail.body_kept || what == Kept::Record)
            .filter_map(|(seq, mail)| {
                let kept = if mail.state == MailState::Failed { kept.max(days(DEAD_LETTER_DAYS)) } else { kept };
                let at = mail.ended_at.filter(|at| *at <= self.now.minus(kept))?;
                Some((MailState::ALL.iter().position(|state| *state == mail.state), at, *seq))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, _, seq)| seq).take(PAGE).collect()
    }

    /// Removes a page of the groups whose time is over. Returns how many there were.
    fn remove_expired_groups(&mut self) -> usize {
        let over = self.state.claims.iter().filter(|(_, claim)| claim.expires_at.is_some_and(|end| end <= self.now));
        let page: Vec<_> = over.map(|(key, _)| key.clone()).take(PAGE).collect();
        for key in &page {
            self.state.claims.remove(key);
        }
        page.len()
    }

    fn remove_body(&mut self, seq: i64) {
        if let Some(mail) = self.state.mails.get_mut(&seq) {
            mail.new.mail.body = String::new();
            mail.body_kept = false;
        }
    }

    fn remove_record(&mut self, mail: i64) {
        self.state.mails.remove(&mail);
        self.state.deliveries.retain(|_, row| row.mail != mail);
        self.state.events.retain(|row| row.mail != mail);
        // A group is taken for its own time, whatever became of the mail that took it.
        self.state.claims.retain(|_, row| row.mail != mail || row.expires_at.is_some());
    }
}

/// What is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Body,
    Record,
}

const fn days(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 86_400)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
