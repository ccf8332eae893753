//! Letting held work go, sending dead letters again, and closing them.

use super::RedisLedger;
use super::row::Row;
use super::script::{Effect, Parts, Step};
use redis::{ScriptInvocation, Value};
use render_signal::ledger::{LedgerError, Release, Selection};
use render_signal::mail::MailId;

/// At most this many mails, and this many deliveries, are let go in one call of the port, as on every store.
const MOST: u64 = 500;

/// At most this many of each in one script: others wait while it runs.
const PAGE: u64 = 50;

static RELEASE: Step = Step::new(
    Effect::Finishes,
    Parts::Deliveries,
    concat!(include_str!("../lua/mail.lua"), include_str!("../lua/release.lua")),
);
static REPLAY: Step = Step::new(
    Effect::Finishes,
    Parts::Deliveries,
    concat!(include_str!("../lua/mail.lua"), include_str!("../lua/replay.lua")),
);
static DISMISS: Step = Step::new(
    Effect::Finishes,
    Parts::Deliveries,
    concat!(include_str!("../lua/mail.lua"), include_str!("../lua/dismiss.lua")),
);

impl RedisLedger {
    /// See [`render_signal::ports::Ledger::release`]. A cause that holds much is let go in several scripts: what one of them
    /// did stands, and asking again goes on from there.
    pub(super) async fn release_held(&self, release: &Release) -> Result<u64, LedgerError> {
        let (which, name, before) = match &release.which {
            Selection::Mail(id) => ("mail", id.as_str(), 0),
            Selection::Reason(reason, before) => ("reason", reason.code(), before.as_millis()),
            Selection::Target(key) => ("target", key.as_str(), 0),
        };
        let mut total = 0;
        loop {
            let mut call = self.step(&RELEASE);
            call.arg(which).arg(name).arg(release.pass.as_str()).arg(before).arg(PAGE);
            let count = self.count(&call).await?;
            total += count;
            if count < PAGE || total >= MOST || which == "mail" {
                return Ok(total);
            }
        }
    }

    /// See [`render_signal::ports::Ledger::replay`].
    pub(super) async fn replay_failed(&self, mail: &MailId) -> Result<u64, LedgerError> {
        let mut call = self.step(&REPLAY);
        self.count(call.arg(mail.as_str())).await
    }

    /// See [`render_signal::ports::Ledger::dismiss`].
    pub(super) async fn dismiss_open(&self, mail: &MailId) -> Result<u64, LedgerError> {
        let mut call = self.step(&DISMISS);
        self.count(call.arg(mail.as_str())).await
    }

    async fn count(&self, call: &ScriptInvocation<'_>) -> Result<u64, LedgerError> {
        Row::of(Value::Array(vec![self.run(call).await?]))?.count(0)
    }
}
