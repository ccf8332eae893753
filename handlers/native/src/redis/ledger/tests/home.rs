//! A ledger and documents for one test, on a server of the tests' own, under prefixes of its own, with a clock that the test sets.

use super::super::{Keys, RedisLedger};
use crate::redis::server::RedisServer;
use crate::redis::{Link, RedisConfig, StoreTime, version_key};
use render_signal::calendar::Timestamp;
use render_signal::contract::Subject;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

/// 2026-04-10T09:54:38Z.
pub(super) const START: i64 = 1_775_814_878_000;

/// A server for a test's ledgers.
pub(super) struct Place {
    pub(super) server: RedisServer,
    homes: AtomicU32,
}

impl Place {
    pub(super) fn new() -> Self {
        Self::on(RedisServer::start(&[]))
    }

    pub(super) fn on(server: RedisServer) -> Self {
        Self { server, homes: AtomicU32::new(0) }
    }

    /// A fresh, empty ledger on it.
    pub(super) async fn home(&self) -> Home {
        let link = Link::open(&self.server.url()).await.unwrap();
        let number = self.homes.fetch_add(1, Ordering::Relaxed);
        Home::under(&format!("t{number}:"), link).await
    }
}

/// Stores under test.
pub(in crate::redis) struct Home {
    pub(in crate::redis) ledger: RedisLedger,
    config: RedisConfig,
    pub(super) link: Link,
    pub(super) prefix: String,
    pub(super) marks: String,
    now: Arc<AtomicI64>,
}

impl Home {
    /// Those whose keys all begin with this.
    pub(in crate::redis) async fn under(own: &str, link: Link) -> Self {
        let (prefix, documents) = (format!("{own}{{ledger}}:"), format!("{own}config:"));
        let now = Arc::new(AtomicI64::new(START));
        let clock = Arc::clone(&now);
        let time = StoreTime::Set(Arc::new(move || Timestamp::from_millis(clock.load(Ordering::SeqCst))));
        let keys = Keys { prefix: prefix.clone(), config_version: version_key(&documents), marks: own.to_owned() };
        let ledger = RedisLedger::under(link.clone(), keys, time.clone(), Duration::from_hours(7 * 24));
        ledger.prepare().await.unwrap();
        let config = RedisConfig::new(link.clone(), &documents, time);
        Self { ledger, config, link, prefix, marks: own.to_owned(), now }
    }

    /// The same ledger, and how often it has said that the store was emptied.
    pub(super) fn telling(&self) -> (RedisLedger, impl Fn() -> u32 + use<>) {
        let said = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&said);
        let ledger = self.ledger.clone().telling(Arc::new(move |line| {
            assert_eq!(line.code, "store_emptied");
            counted.fetch_add(1, Ordering::SeqCst);
        }));
        (ledger, move || said.load(Ordering::SeqCst))
    }

    /// The same ledger, by the server's own clock.
    pub(super) fn by_the_servers_clock(&self) -> RedisLedger {
        RedisLedger { time: StoreTime::Server, ..self.ledger.clone() }
    }
}

impl Subject for Home {
    type Ledger = RedisLedger;
    type Config = RedisConfig;

    fn ledger(&self) -> &RedisLedger {
        &self.ledger
    }

    fn config(&self) -> &RedisConfig {
        &self.config
    }

    async fn set_time(&self, now: Timestamp) {
        self.now.store(now.as_millis(), Ordering::SeqCst);
    }
}
