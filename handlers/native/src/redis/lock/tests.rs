//! The locks on a Redis of the tests' own.

use super::RedisLock;
use crate::redis::Link;
use crate::redis::server::{DURABLE, RedisServer};
use render_signal::contract::{LockSubject, expiring_lock_cases, lock_cases};
use render_signal::ports::{Lock as _, LockError};
use std::time::Duration;

const KEY: &str = "render_signal:poller_lock";
const LONG: Duration = Duration::from_mins(1);

struct Subject(RedisServer);

impl Subject {
    fn new() -> Self {
        Self(RedisServer::start(DURABLE))
    }
}

impl LockSubject for Subject {
    type Lock = RedisLock;

    async fn process(&self) -> RedisLock {
        RedisLock::new(Link::open(&self.0.url()).await.unwrap())
    }

    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time + Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn every_promise_of_the_contract_is_kept() {
    let subject = Subject::new();
    for case in lock_cases().into_iter().chain(expiring_lock_cases()) {
        println!("{}", case.name);
        case.run(&subject).await;
        let () = subject.0.ask(&["FLUSHALL"]);
    }
}

#[tokio::test]
async fn it_is_a_key_with_a_time_and_a_token_of_its_own() {
    let subject = Subject::new();
    let lock = subject.process().await;
    let held = lock.acquire(KEY, LONG).await.unwrap().unwrap();
    let value: String = subject.0.ask(&["GET", KEY]);
    assert_eq!(value, held.token);
    assert!(value.starts_with(&format!("pid={} ", std::process::id())) && value.len() > 32, "{value}");
    let left: i64 = subject.0.ask(&["PTTL", KEY]);
    assert!((50_000..=60_000).contains(&left), "{left}");
}

/// The predecessor's poller holds the same key for five minutes, without renewing it.
#[tokio::test]
async fn a_predecessor_is_waited_for() {
    let subject = Subject::new();
    let () = subject.0.ask(&["SET", KEY, "pid=1", "PX", "400"]);
    let lock = subject.process().await;
    assert_eq!(lock.acquire(KEY, LONG).await, Ok(None));
    subject.wait(Duration::from_millis(400)).await;
    assert!(lock.acquire(KEY, LONG).await.unwrap().is_some());
}

/// What runs under it makes room.
#[tokio::test]
async fn a_full_store_still_has_locks() {
    let subject = Subject::new();
    let lock = subject.process().await;
    let () = subject.0.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    let held = lock.acquire(KEY, LONG).await.unwrap().unwrap();
    assert_eq!(lock.renew(&held, LONG).await, Ok(true));
    assert_eq!(lock.release(&held).await, Ok(true));
}

#[tokio::test]
async fn what_is_not_allowed_is_told_from_what_does_not_answer() {
    let subject = Subject::new();
    let () = subject.0.ask(&["ACL", "SETUSER", "limited", "on", ">secret", "~r:ss:*", "&r:ss:*", "+@all"]);
    let url = format!("unix://{}?user=limited&pass=secret", subject.0.socket().display());
    let limited = RedisLock::new(Link::open(&url).await.unwrap());
    let refused = limited.acquire(KEY, LONG).await;
    assert!(matches!(refused, Err(LockError::Refused(_))), "{refused:?}");
    let lock = subject.process().await;
    subject.0.kill();
    let away = lock.acquire(KEY, LONG).await;
    assert!(matches!(away, Err(LockError::Unavailable(_))), "{away:?}");
}
