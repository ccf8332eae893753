//! Nudges between processes, on a Redis of the tests' own.

use super::Nudges;
use crate::redis::server::{DURABLE, RedisServer};
use crate::redis::{Link, Log};
use render_signal::ports::Queue as _;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::{Instant, timeout};

const PATIENCE: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_millis(500);

fn silent() -> Log {
    Arc::new(|_| {})
}

/// A process whose workers have had their first look.
async fn process(redis: &RedisServer) -> Nudges {
    let link = Link::open(&redis.url()).await.unwrap();
    let nudges = Nudges::everywhere(link, silent());
    timeout(PATIENCE, nudges.wait()).await.expect("the subscription is a reason to look");
    nudges
}

async fn is_woken(nudges: &Nudges, longest: Duration) -> bool {
    timeout(longest, nudges.wait()).await.is_ok()
}

#[tokio::test]
async fn a_nudge_wakes_this_process_and_the_others() {
    let redis = RedisServer::start(DURABLE);
    let (one, other) = (process(&redis).await, process(&redis).await);
    one.nudge().await;
    assert!(is_woken(&one, Duration::from_millis(20)).await && is_woken(&other, PATIENCE).await);
    assert!(!is_woken(&one, SILENCE).await, "its own words are not news to it");
}

#[tokio::test]
async fn however_much_there_is_to_tell_it_is_told_a_few_times() {
    let redis = RedisServer::start(DURABLE);
    let (one, other) = (process(&redis).await, process(&redis).await);
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) {
        one.nudge().await;
        tokio::task::yield_now().await;
    }
    assert!(is_woken(&other, PATIENCE).await);
    tokio::time::sleep(SILENCE).await;
    let stats: String = redis.ask(&["INFO", "commandstats"]);
    let calls = stats.lines().find_map(|line| line.strip_prefix("cmdstat_publish:calls=")).unwrap();
    let calls: u32 = calls.split(',').next().unwrap().parse().unwrap();
    assert!((2..=13).contains(&calls), "{calls} in a second");
}

/// What is logged, and where it is kept.
fn heard() -> (Log, Arc<Mutex<Vec<&'static str>>>) {
    let codes = Arc::<Mutex<Vec<_>>>::default();
    let kept = Arc::clone(&codes);
    (Arc::new(move |line| kept.lock().unwrap().push(line.code)), codes)
}

#[tokio::test]
async fn a_channel_that_is_refused_is_told_once() {
    let redis = RedisServer::start(DURABLE);
    let () = redis.ask(&["ACL", "SETUSER", "deaf", "on", ">secret", "~*", "resetchannels", "+@all"]);
    let url = format!("{}?user=deaf&pass=secret", redis.url());
    let (log, codes) = heard();
    let nudges = Nudges::everywhere(Link::open(&url).await.unwrap(), log);
    tokio::time::sleep(Duration::from_secs(13)).await;
    assert_eq!(*codes.lock().unwrap(), ["nudges_unavailable"]);
    drop(nudges);
}

#[tokio::test]
async fn a_connection_that_was_lost_is_made_again() {
    let redis = RedisServer::start(DURABLE);
    let one = process(&redis).await;
    let (log, codes) = heard();
    let other = Nudges::everywhere(Link::open(&redis.url()).await.unwrap(), log);
    timeout(PATIENCE, other.wait()).await.expect("the subscription is a reason to look");
    let () = redis.ask(&["CLIENT", "KILL", "TYPE", "pubsub"]);
    assert!(is_woken(&other, PATIENCE).await, "what was told meanwhile is looked for");
    one.nudge().await;
    assert!(is_woken(&other, PATIENCE).await);
    redis.kill();
    redis.run();
    assert!(is_woken(&other, PATIENCE * 2).await);
    // One that went over a connection of before is lost, and the next one is not.
    let start = Instant::now();
    while !is_woken(&other, SILENCE).await {
        assert!(start.elapsed() < PATIENCE * 2);
        one.nudge().await;
    }
    assert!(codes.lock().unwrap().is_empty(), "whoever knows of the outage says it");
}
