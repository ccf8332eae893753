//! A store of documents on Redis, with a clock that a test sets.

use super::super::RedisConfig;
use crate::redis::server::{DURABLE, RedisServer};
use crate::redis::{Link, StoreTime};
use render_signal::calendar::Timestamp;
use render_signal::config::DocumentKey;
use render_signal::ports::{ConfigError, ConfigStore as _, StoredDocument, Write};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub(super) const PREFIX: &str = "r:ss:config:";

/// A clock that stands still until it is set.
#[derive(Clone)]
pub(super) struct Time(Arc<AtomicI64>);

impl Time {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_775_814_878_000)))
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    pub(super) fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }

    pub(super) fn store_time(&self) -> StoreTime {
        let time = self.clone();
        StoreTime::Set(Arc::new(move || time.now()))
    }
}

/// A server with nothing in it.
pub(super) fn server() -> RedisServer {
    RedisServer::start(DURABLE)
}

pub(super) async fn link(server: &RedisServer) -> Link {
    Link::open(&server.url()).await.unwrap()
}

/// The documents of the usual prefix, in Redis alone.
pub(super) async fn config(server: &RedisServer) -> RedisConfig {
    RedisConfig::new(link(server).await, PREFIX, Time::new().store_time())
}

/// What anybody else does: one command.
pub(super) async fn raw<T: redis::FromRedisValue>(link: &Link, words: &[&[u8]]) -> T {
    let mut command = redis::Cmd::new();
    for word in words {
        command.arg(*word);
    }
    redis::from_redis_value(link.command(&command).await.unwrap()).unwrap()
}

/// The plain key of a document.
pub(super) fn plain(key: DocumentKey) -> String {
    format!("{PREFIX}{key}")
}

pub(super) async fn write(
    config: &RedisConfig,
    key: DocumentKey,
    value: Value,
    expected: Option<u64>,
) -> Result<StoredDocument, ConfigError> {
    config.write(Write { key, value, expected, author: "a person".to_owned() }).await
}

/// The document, if it is there.
pub(super) async fn read(config: &RedisConfig, key: DocumentKey) -> Option<StoredDocument> {
    config.load().await.unwrap().documents.into_iter().find(|document| document.key == key)
}

/// The authors of the versions on a list, oldest first.
pub(super) async fn authors_in(link: &Link, list: &str) -> Vec<String> {
    let versions: Vec<String> = raw(link, &[b"LRANGE", list.as_bytes(), b"0", b"-1"]).await;
    let author = |entry: &String| {
        let (head, rest) = entry.split_once('\n').unwrap();
        let size = head.rsplit_once(' ').unwrap().1.parse().unwrap();
        rest.get(..size).unwrap().to_owned()
    };
    versions.iter().map(author).collect()
}
