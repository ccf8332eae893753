//! The part of the ports' contract that is about documents.

use super::super::RedisConfig;
use super::backend::{Backend, loopback};
use super::modes;
use super::subject::{PREFIX, Time, link, raw, server};
use futures_util::FutureExt;
use render_signal::calendar::Timestamp;
use render_signal::config::settings::Primary;
use render_signal::contract::{Subject, cases};
use render_signal::memory::{MemoryHome, MemoryStore};
use render_signal::ports::Home;
use std::panic::AssertUnwindSafe;

/// Documents on Redis, beside a ledger that these cases do not ask.
struct OnRedis {
    config: RedisConfig,
    time: Time,
    home: MemoryHome,
}

impl Subject for OnRedis {
    type Ledger = MemoryStore;
    type Config = RedisConfig;

    fn ledger(&self) -> &MemoryStore {
        self.home.ledger()
    }

    fn config(&self) -> &RedisConfig {
        &self.config
    }

    async fn set_time(&self, now: Timestamp) {
        self.time.set(now);
    }
}

#[tokio::test]
async fn redis_keeps_every_promise_about_documents() {
    let server = server();
    let link = link(&server).await;
    let make = async |time: &Time| {
        let () = raw(&link, &[b"FLUSHALL"]).await;
        RedisConfig::new(link.clone(), PREFIX, time.store_time())
    };
    put_through(make).await;
}

#[tokio::test]
async fn a_backend_behind_http_keeps_them_too() {
    let server = server();
    let backend = Backend::start().await;
    let link = link(&server).await;
    let make = async |time: &Time| {
        let () = raw(&link, &[b"FLUSHALL"]).await;
        backend.inside.lock().unwrap().documents.clear();
        modes::open(&server, Primary::External(backend.settings()), time, loopback()).await
    };
    put_through(make).await;
}

async fn put_through(make: impl AsyncFn(&Time) -> RedisConfig) {
    let cases: Vec<_> =
        cases::<OnRedis>().into_iter().filter(|case| case.name.starts_with("configuration::")).collect();
    assert!(cases.len() > 8, "{} cases", cases.len());
    let mut broken = Vec::new();
    for case in &cases {
        let time = Time::new();
        let subject = OnRedis { config: make(&time).await, time, home: MemoryHome::builder().build().unwrap() };
        if AssertUnwindSafe(case.run(&subject)).catch_unwind().await.is_err() {
            broken.push(case.name);
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
