//! How much of the server's memory is in use.

use super::RedisLedger;
use redis::{Value, from_redis_value_ref};
use render_signal::ledger::{Fullness, LedgerError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// For so long a reading is good for admitting.
const FRESH: Duration = Duration::from_secs(1);

/// What a mail takes beyond its body: rows, indexes, claims, events.
const MAIL_BYTES: u64 = 4096;

/// What was read last, and what was admitted since: mails that come in a burst count before the server is asked again.
#[derive(Debug, Default)]
pub(super) struct Space(Mutex<Option<Reading>>);

#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Instant,
    fullness: Fullness,
}

impl Space {
    /// The last reading, unless it is too old. Whoever finds it so asks the server; the others go by it until that is answered.
    fn fresh(&self) -> Option<Fullness> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = last.as_mut()?;
        if reading.at.elapsed() < FRESH {
            return Some(reading.fullness);
        }
        reading.at = Instant::now();
        None
    }

    fn set(&self, fullness: Fullness) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Reading { at: Instant::now(), fullness });
    }

    fn add(&self, bytes: u64) {
        if let Some(reading) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            reading.fullness.used = reading.fullness.used.saturating_add(bytes);
        }
    }
}

impl RedisLedger {
    /// See [`render_signal::ports::Ledger::fullness`]. A server without `maxmemory` knows no limit.
    pub(super) async fn memory(&self) -> Result<Fullness, LedgerError> {
        let info = self.link.command(redis::cmd("INFO").arg("memory")).await?;
        let fullness = parse(&info).ok_or_else(|| LedgerError::Corrupt("INFO says nothing of memory".to_owned()))?;
        self.watch.space.set(fullness);
        Ok(fullness)
    }

    /// Whether more mails may be taken. The server is asked once a second.
    pub(super) async fn has_room(&self) -> Result<bool, LedgerError> {
        let fullness = match self.watch.space.fresh() {
            Some(fullness) => fullness,
            None => self.memory().await?,
        };
        Ok(fullness.percent() < Fullness::REFUSED_PERCENT)
    }

    /// Counts a mail that was taken, so that a burst of them cannot run far past the limit between two readings.
    pub(super) fn count_taken(&self, body: usize) {
        self.watch.space.add(u64::try_from(body).unwrap_or(u64::MAX).saturating_add(MAIL_BYTES));
    }
}

/// What counts against `maxmemory`: not the buffers on their way to the log and to replicas.
fn parse(info: &Value) -> Option<Fullness> {
    let text: String = from_redis_value_ref(info).ok()?;
    let figure = |name: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.trim().parse::<u64>().ok())
    };
    let used = figure("used_memory")?.saturating_sub(figure("mem_not_counted_for_evict").unwrap_or(0));
    Some(Fullness { used, limit: figure("maxmemory").filter(|limit| *limit > 0) })
}
