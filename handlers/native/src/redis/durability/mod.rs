//! The condition of the promise: whether what Redis takes outlives a power cut, checked at start, every minute, and after each
//! reconnection; and the wait for the disk or for a replica, where that is needed.
//!
//! Only the intake depends on it. What was taken goes on being delivered.

mod barrier;
mod look;
#[cfg(test)]
mod tests;
mod verdict;

pub use verdict::{Verdict, Waits, Weakness};

use crate::redis::facts::AppendLog;
use crate::redis::link::{Link, Log};
use barrier::Barrier;
use look::look;
use render_signal::ledger::LedgerError;
use render_signal::ports::{Level, Line};
use render_signal_handlers::http::Promise;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use verdict::Found;

/// The pause between two looks.
const EVERY: Duration = Duration::from_mins(1);

/// A replica that was there and is gone is waited for so long: until then Sentinel might still make it the primary. Then the
/// primary counts as alone.
const REPLICA_GONE: Duration = Duration::from_secs(30);

/// The pause between two looks while a replica, or the first copy of the log, is waited for, or after a look that failed.
const SOON: Duration = Duration::from_secs(5);

/// The code of a store that may lose what it takes.
const NOT_DURABLE: &str = "store_not_durable";

/// The least pause after a look that failed.
const FAILED: Duration = Duration::from_millis(200);

/// Whether mails are taken although they may be lost (`ALLOW_VOLATILE_REDIS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volatile {
    /// They are.
    Allowed,
    /// They are answered 503.
    Refused,
}

/// What the intake asks before and after a mail is written. Cheap to clone; the last one dropped ends the looking.
#[derive(Clone)]
pub struct Durability(Arc<Kept>);

struct Kept {
    link: Link,
    known: Arc<watch::Sender<Option<Known>>>,
    volatile: Volatile,
    barrier: Barrier,
    again: Arc<Notify>,
    watcher: JoinHandle<()>,
}

/// A verdict, and on which connections it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    number: u64,
    verdict: Verdict,
}

impl std::fmt::Debug for Durability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Durability").field("known", &*self.0.known.borrow()).finish_non_exhaustive()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

impl Durability {
    /// Begins to look. `prefix` is that of the ledger's keys; one of them, `barrier`, is written here.
    pub fn start(link: Link, prefix: &str, volatile: Volatile, log: Log) -> Self {
        let known = Arc::new(watch::Sender::new(None));
        let again = Arc::new(Notify::new());
        let barrier = Barrier::start(link.clone(), format!("{prefix}barrier"));
        let watcher = Watcher { link: link.clone(), known: Arc::clone(&known), volatile, log, replica: None };
        let watcher = tokio::spawn(watcher.run(Arc::clone(&again)));
        Self(Arc::new(Kept { link, known, volatile, barrier, again, watcher }))
    }

    /// Before a mail is written: whether one may be taken now. Gives the number of the connections for which that is known.
    pub fn check(&self) -> Result<u64, LedgerError> {
        self.verdict().map(|(number, _)| number)
    }

    /// After a mail was written, or was found to be known: returns once it is durable, or says that this is not certain, so that
    /// its client sends it again. `key` is one that was written with it; `checked` is what [`Durability::check`] gave before. With
    /// other connections now, perhaps to another server, the mail may have been written to one that was never judged, or that
    /// does not count any more.
    pub async fn confirm(&self, key: &str, checked: u64) -> Result<(), LedgerError> {
        let (number, verdict) = self.verdict()?;
        if number != checked {
            return Err(LedgerError::Unavailable("Redis was connected anew meanwhile".to_owned()));
        }
        match verdict {
            Verdict::ByBarrier(waits) => {
                let passed = self.0.barrier.pass(key.to_owned(), waits).await;
                if passed.is_err() {
                    self.0.again.notify_one();
                }
                passed
            }
            Verdict::Full | Verdict::NotDurable(_) => Ok(()),
        }
    }

    /// The same for `/health` and `/ready`.
    pub fn promise(&self) -> Promise {
        match self.verdict() {
            Ok((_, Verdict::Full | Verdict::ByBarrier(_))) => Promise::Kept,
            Ok((_, Verdict::NotDurable(_))) => Promise::Waived,
            Err(LedgerError::NotDurable(_)) => Promise::Broken,
            Err(_) => Promise::Unknown,
        }
    }

    /// Waits for the first verdict, and gives it; `None` when there is none in time.
    pub async fn first(&self, longest: Duration) -> Option<Verdict> {
        let mut changes = self.0.known.subscribe();
        let known = tokio::time::timeout(longest, changes.wait_for(Option::is_some)).await.ok()?.ok()?;
        known.as_ref().map(|known| known.verdict.clone())
    }

    /// The verdict on the present server, when mails are taken under it; and the number of its connections.
    fn verdict(&self) -> Result<(u64, Verdict), LedgerError> {
        let number = self.0.link.number()?;
        match &*self.0.known.borrow() {
            Some(known) if known.number == number => match &known.verdict {
                Verdict::NotDurable(weakness) if self.0.volatile == Volatile::Refused => {
                    Err(LedgerError::NotDurable(weakness.to_string()))
                }
                verdict => Ok((number, verdict.clone())),
            },
            _ => Err(LedgerError::Unavailable("it is not known yet whether Redis is durable".to_owned())),
        }
    }
}

/// The task that looks.
struct Watcher {
    link: Link,
    known: Arc<watch::Sender<Option<Known>>>,
    volatile: Volatile,
    log: Log,
    /// At which process a replica was seen, and when last. A reconnection to it changes nothing.
    replica: Option<(String, Instant)>,
}

impl Watcher {
    async fn run(mut self, again: Arc<Notify>) {
        let mut number = 0;
        loop {
            let pause = if let Ok((of, found)) = look(&self.link).await {
                number = of;
                self.take(of, found)
            } else {
                // The server went away, most likely: the next connection is looked at.
                sleep(FAILED).await;
                SOON
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = again.notified() => sleep(Duration::from_millis(100)).await,
                _ = self.link.connected_anew(number) => {}
            }
        }
    }

    /// Makes what was found known, and says when to look again.
    fn take(&mut self, number: u64, mut found: Found) -> Duration {
        let now = Instant::now();
        if found.facts.replicas > 0 {
            self.replica = Some((found.facts.run.clone(), now));
        }
        let seen = |(of, seen): &(String, Instant)| *of == found.facts.run && now - *seen < REPLICA_GONE;
        let gone = found.facts.replicas == 0 && self.replica.as_ref().is_some_and(seen);
        if gone {
            found.facts.replicas = 1;
        }
        let soon = gone || found.facts.log == AppendLog::Begun;
        let verdict = found.verdict();
        let before = self.known.send_replace(Some(Known { number, verdict: verdict.clone() }));
        if before.is_none_or(|before| before.verdict != verdict) {
            (self.log)(self.line(&verdict));
        }
        if soon { SOON } else { EVERY }
    }

    fn line(&self, verdict: &Verdict) -> Line {
        let (level, code, what) = match (verdict, self.volatile) {
            (Verdict::Full | Verdict::ByBarrier(_), _) => (Level::Info, "store_durable", "mails are taken"),
            (Verdict::NotDurable(_), Volatile::Refused) => (Level::Error, NOT_DURABLE, "no mail is taken"),
            (Verdict::NotDurable(_), Volatile::Allowed) => {
                (Level::Warn, NOT_DURABLE, "mails are taken that may be lost (ALLOW_VOLATILE_REDIS)")
            }
        };
        Line::new(level, "store", code, format!("REDIS: {what}: {verdict}"))
    }
}
