//! The configuration in force, read at most every 30 seconds.
//!
//! A stale reading cannot do harm where it would matter: the ledger sends a decision back that was made with an older version.

use crate::calendar::Timestamp;
use crate::config::Snapshot;
use crate::ports::{Clock, ConfigError, ConfigStore, Home, Journal, Level, Line};
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a reading is used before the store is asked again.
const FRESH: Duration = Duration::from_secs(30);

/// The last reading, shared by everything in a process or isolate.
#[derive(Debug, Default)]
pub struct ConfigCache {
    last: Mutex<Option<(Timestamp, Arc<Snapshot>)>>,
}

impl ConfigCache {
    /// The reading that was stored last, whatever its age.
    pub fn last(&self) -> Option<Arc<Snapshot>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(_, snapshot)| Arc::clone(snapshot))
    }

    /// A reading from the future was made before the clock was set back: its age is not known.
    fn fresh(&self, now: Timestamp) -> Option<Arc<Snapshot>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |read_at: Timestamp| read_at <= now && now.since(read_at) < FRESH;
        last.as_ref().filter(|(read_at, _)| fresh(*read_at)).map(|(_, snapshot)| Arc::clone(snapshot))
    }

    fn keep(&self, now: Timestamp, snapshot: &Arc<Snapshot>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(snapshot)));
    }
}

/// The configuration in force, at most 30 seconds old.
pub async fn current<H: Home>(home: &H) -> Result<Arc<Snapshot>, ConfigError> {
    match home.config_cache().fresh(home.clock().now()) {
        Some(snapshot) => Ok(snapshot),
        None => refresh(home).await,
    }
}

/// The configuration in force, read now. What could not be read of it is logged once for each version, and is never fatal.
pub async fn refresh<H: Home>(home: &H) -> Result<Arc<Snapshot>, ConfigError> {
    let now = home.clock().now();
    let (version, documents) = home.config().load().await?;
    if let Some(last) = home.config_cache().last()
        && last.version == version
    {
        home.config_cache().keep(now, &last);
        return Ok(last);
    }
    let documents: BTreeMap<_, _> = documents.into_iter().map(|document| (document.key, document.value)).collect();
    let (snapshot, reports) = Snapshot::build(home.settings(), &documents, version);
    for report in reports {
        let msg = format!("CFG: {}.{}: {}", report.document.as_str(), report.field, report.message);
        home.journal().log(Line::new(Level::Warn, "config", report.code.as_str(), msg));
    }
    let snapshot = Arc::new(snapshot);
    home.config_cache().keep(now, &snapshot);
    Ok(snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DocumentKey;
    use crate::memory::MemoryHome;
    use crate::ports::Write;
    use futures_executor::block_on;

    #[test]
    fn a_reading_is_not_used_longer_because_the_clock_was_set_back() {
        let home = MemoryHome::builder().build().unwrap();
        let before = block_on(current(&home)).unwrap().version;
        let write = Write {
            key: DocumentKey::RuntimeFlags,
            value: serde_json::json!({}),
            expected: None,
            author: "test".to_owned(),
        };
        block_on(home.config().write(write)).unwrap();
        assert_eq!(block_on(current(&home)).unwrap().version, before, "fresh");
        home.clock().set(home.clock().now().minus(Duration::from_mins(5)));
        assert_eq!(block_on(current(&home)).unwrap().version, before + 1);
    }
}
