//! Removing what retention no longer keeps.

use super::Step;
use crate::calendar::Timestamp;
use crate::ledger::{CLAIM_DAYS, DEAD_LETTER_DAYS, MailState, Retention, Swept};
use core::time::Duration;

/// At most this many mails a page.
const PAGE: usize = 100;

impl Step<'_> {
    pub(super) fn sweep(&mut self, retention: &Retention) -> Swept {
        let bodies = self.ended_by(self.now.minus(retention.bodies), Kept::Body);
        for seq in &bodies {
            self.remove_body(*seq);
        }
        let records = self.ended_by(self.now.minus(retention.records.max(days(CLAIM_DAYS))), Kept::Record);
        let before = self.state.claims.len();
        self.state.claims.retain(|_, claim| claim.expires_at.is_none_or(|end| end > self.now));
        for seq in &records {
            self.remove_record(*seq);
        }
        Swept {
            bodies: count(bodies.len()),
            records: count(records.len()),
            claims: count(before - self.state.claims.len()),
            more: bodies.len() >= PAGE || records.len() >= PAGE,
        }
    }

    /// The oldest mails that ended by `end`; dead letters are kept longer.
    fn ended_by(&self, end: Timestamp, what: Kept) -> Vec<i64> {
        let dead = self.now.minus(days(DEAD_LETTER_DAYS));
        let mut ended: Vec<_> = self
            .state
            .mails
            .iter()
            .filter_map(|(seq, mail)| {
                let at = mail.ended_at?;
                let over = at <= end && (mail.state != MailState::Failed || at <= dead);
                (over && (mail.body_kept || what == Kept::Record)).then_some((at, *seq))
            })
            .collect();
        ended.sort_unstable();
        ended.into_iter().map(|(_, seq)| seq).take(PAGE).collect()
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
        self.state.claims.retain(|_, row| row.mail != mail);
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
