//! How much of the server's memory is in use.

use super::RedisLedger;
use crate::redis::LinkError;
use redis::{Value, from_redis_value_ref};
use render_signal::ledger::{Fullness, LedgerError};
use std::sync::atomic::Ordering;
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
    taken: u64,
}

impl Space {
    /// Whether there is room, unless the server must be asked: the reading is old, or it is not by the reading alone that there
    /// is none. While one caller asks about an old reading, the others go by it.
    fn has_room(&self) -> Option<bool> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = last.as_mut()?;
        if reading.at.elapsed() >= FRESH {
            reading.at = Instant::now();
            return None;
        }
        let used = reading.fullness.used.saturating_add(reading.taken);
        let room = is_room(Fullness { used, ..reading.fullness });
        if room || reading.taken == 0 { Some(room) } else { None }
    }

    fn set(&self, fullness: Fullness) {
        let reading = Reading { at: Instant::now(), fullness, taken: 0 };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
    }

    /// Counts memory that was taken: rather too much than too little.
    fn take(&self, bytes: u64) {
        if let Some(reading) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            reading.taken = reading.taken.saturating_add(bytes);
        }
    }
}

fn is_room(fullness: Fullness) -> bool {
    fullness.percent() < Fullness::REFUSED_PERCENT
}

impl RedisLedger {
    /// See [`render_signal::ports::Ledger::fullness`]. A server without `maxmemory` knows no limit.
    pub(super) async fn memory(&self) -> Result<Fullness, LedgerError> {
        if self.watch.newer.load(Ordering::Relaxed) {
            return Err(LinkError::Newer.into());
        }
        let info = self.link.command(redis::cmd("INFO").arg("memory")).await?;
        let fullness = parse(&info).ok_or_else(|| LedgerError::Corrupt("INFO says nothing of memory".to_owned()))?;
        self.watch.space.set(fullness);
        Ok(fullness)
    }

    /// Whether more mails may be taken. The server is asked once a second, and more often in a burst that fills it.
    pub(super) async fn has_room(&self) -> Result<bool, LedgerError> {
        match self.watch.space.has_room() {
            Some(room) => Ok(room),
            None => Ok(is_room(self.memory().await?)),
        }
    }

    /// Counts a mail that was taken, so that a burst of them cannot run far past the limit between two readings. The server's
    /// allocator rounds a body up by a quarter at most.
    pub(super) fn count_taken(&self, body: usize) {
        let body = u64::try_from(body).unwrap_or(u64::MAX);
        self.watch.space.take(body.saturating_add(body / 4).saturating_add(MAIL_BYTES));
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
