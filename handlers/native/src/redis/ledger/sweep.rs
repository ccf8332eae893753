//! Removing what retention no longer keeps, and the time after which a body goes by itself.

use super::RedisLedger;
use super::row::Row;
use super::script::{Effect, Parts, Step};
use render_signal::ledger::{CLAIM_DAYS, DEAD_LETTER_DAYS, LedgerError, Retention, Swept};
use std::time::Duration;

/// At most this many bodies, records and groups a page.
const PAGE: u64 = 100;

/// At most so many milliseconds, which is 3,000 years: everything longer is for ever.
const LONGEST: u64 = 100_000_000_000_000;

static SWEEP: Step = Step::new(Effect::Finishes, Parts::Mails, include_str!("../lua/sweep.lua"));

impl RedisLedger {
    /// See [`render_signal::ports::Ledger::sweep`]. A record is kept at least as long as its claims, [`CLAIM_DAYS`] days.
    pub(super) async fn remove_page(&self, retention: &Retention) -> Result<Swept, LedgerError> {
        let mut call = self.step(&SWEEP);
        call.arg(millis(retention.bodies)).arg(millis(retention.records.max(days(CLAIM_DAYS))));
        call.arg(millis(days(DEAD_LETTER_DAYS))).arg(PAGE).arg(self.bodies_kept());
        let row = Row::of(self.run(&call).await?)?;
        Ok(Swept { bodies: row.count(0)?, records: row.count(1)?, claims: row.count(2)?, more: row.count(3)? == 1 })
    }

    /// How long the settings keep bodies, in milliseconds: a crowded store is swept of younger ones, and that is no reason for
    /// the others to expire.
    pub(super) fn bodies_kept(&self) -> u64 {
        millis(self.bodies)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(LONGEST).min(LONGEST)
}

const fn days(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 86_400)
}
