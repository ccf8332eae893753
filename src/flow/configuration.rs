//! The configuration in force, read at most every 30 seconds.
//!
//! A stale reading cannot do harm where it would matter: the ledger sends a decision back that was made with an older version.

use crate::calendar::Timestamp;
use crate::config::Snapshot;
use crate::ports::{Clock, ConfigError, ConfigStore, Home, Journal, Level, Line, Loaded, Origin, StoredDocument};
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a reading is used before the store is asked again.
const FRESH: Duration = Duration::from_secs(30);

/// The last reading, shared by everything in a process or isolate.
#[derive(Debug, Default)]
pub struct ConfigCache {
    last: Mutex<Option<Reading>>,
}

#[derive(Debug, Clone)]
struct Reading {
    at: Timestamp,
    snapshot: Arc<Snapshot>,
    standing: Standing,
}

/// What is known of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It held when it was read.
    Current,
    /// The primary did not answer: a newer configuration may be stored.
    Stale,
}

impl ConfigCache {
    /// The reading that was stored last, whatever its age.
    pub fn last(&self) -> Option<Arc<Snapshot>> {
        self.reading().map(|reading| reading.snapshot)
    }

    /// What is known of the last reading.
    pub fn standing(&self) -> Option<Standing> {
        self.reading().map(|reading| reading.standing)
    }

    /// A reading from the future was made before the clock was set back: its age is not known.
    fn fresh(&self, now: Timestamp) -> Option<Arc<Snapshot>> {
        let fresh = |reading: &Reading| reading.at <= now && now.since(reading.at) < FRESH;
        self.reading().filter(fresh).map(|reading| reading.snapshot)
    }

    fn reading(&self) -> Option<Reading> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, reading: Reading) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
    }
}

/// The configuration in force, at most 30 seconds old.
pub async fn current<H: Home>(home: &H) -> Result<Arc<Snapshot>, ConfigError> {
    match home.config_cache().fresh(home.clock().now()) {
        Some(snapshot) => Ok(snapshot),
        None => refresh(home).await,
    }
}

/// The configuration in force, read now. Its default target, and what could not be read of it, is logged once for each version, and
/// is never fatal.
pub async fn refresh<H: Home>(home: &H) -> Result<Arc<Snapshot>, ConfigError> {
    let at = home.clock().now();
    let Loaded { version, documents, origin } = home.config().load().await?;
    let standing = standing(home, &origin);
    let snapshot = match home.config_cache().last() {
        Some(last) if last.version == version => last,
        // A copy may be older than what was read before it.
        Some(last) if last.version > version && standing == Standing::Stale => last,
        _ => build(home, version, documents),
    };
    home.config_cache().keep(Reading { at, snapshot: Arc::clone(&snapshot), standing });
    Ok(snapshot)
}

fn standing<H: Home>(home: &H, origin: &Origin) -> Standing {
    let Origin::Copy { cause } = origin else { return Standing::Current };
    let msg = "CFG: the configuration store did not answer, its copy is in force";
    home.journal().log(Line::new(Level::Warn, "config", "config_stale", msg).with_cause(cause));
    Standing::Stale
}

fn build<H: Home>(home: &H, version: u64, documents: Vec<StoredDocument>) -> Arc<Snapshot> {
    let documents: BTreeMap<_, _> = documents.into_iter().map(|document| (document.key, document.value)).collect();
    let (snapshot, reports) = Snapshot::build(home.settings(), &documents, version);
    for report in reports {
        let msg = format!("CFG: {}.{}: {}", report.document.as_str(), report.field, report.message);
        home.journal().log(Line::new(Level::Warn, "config", report.code.as_str(), msg));
    }
    let msg = match &snapshot.sending.default_target {
        Some(target) => format!("CFG WEBHOOK: Custom webhook URL configured: {}", target.masked()),
        None => "CFG WEBHOOK: no default target; mails that no rule routes are held until one is set".to_owned(),
    };
    home.journal().log(Line::new(Level::Info, "config", "configured", msg));
    Arc::new(snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DocumentKey;
    use crate::memory::MemoryHome;
    use crate::ports::Write;
    use futures_executor::block_on;

    fn write(home: &MemoryHome) -> Result<StoredDocument, ConfigError> {
        let value = serde_json::json!({});
        let write = Write { key: DocumentKey::RuntimeFlags, value, expected: None, author: "test".to_owned() };
        block_on(home.config().write(write))
    }

    #[test]
    fn a_reading_is_not_used_longer_because_the_clock_was_set_back() {
        let home = MemoryHome::builder().build().unwrap();
        let before = block_on(current(&home)).unwrap().version;
        write(&home).unwrap();
        assert_eq!(block_on(current(&home)).unwrap().version, before, "fresh");
        home.clock().set(home.clock().now().minus(Duration::from_mins(5)));
        assert_eq!(block_on(current(&home)).unwrap().version, before + 1);
    }

    #[test]
    fn a_copy_is_used_said_and_given_up_again() {
        let home = MemoryHome::builder().build().unwrap();
        write(&home).unwrap();
        home.config().publish();
        home.config().lose_primary();
        assert_eq!(block_on(current(&home)).unwrap().version, 1);
        assert_eq!(home.config_cache().standing(), Some(Standing::Stale));
        assert_eq!(home.journal().find("config", "config_stale").len(), 1);
        assert!(write(&home).is_err(), "a write never falls back");
        home.config().find_primary();
        write(&home).unwrap();
        home.clock().advance(FRESH);
        assert_eq!(block_on(current(&home)).unwrap().version, 2);
        assert_eq!(home.config_cache().standing(), Some(Standing::Current));
        assert_eq!(home.journal().find("config", "config_stale").len(), 1);
    }

    #[test]
    fn a_copy_does_not_bring_back_what_was_replaced() {
        let home = MemoryHome::builder().build().unwrap();
        home.config().publish();
        write(&home).unwrap();
        assert_eq!(block_on(current(&home)).unwrap().version, 1);
        home.config().lose_primary();
        home.clock().advance(FRESH);
        assert_eq!(block_on(current(&home)).unwrap().version, 1, "it has read a newer one");
        assert_eq!(block_on(current(&home.sibling())).unwrap().version, 0, "that one has not");
    }
}
