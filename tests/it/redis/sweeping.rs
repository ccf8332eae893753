//! The background sweep: on one server at a time, and never long on none.

use super::{durable, lines, native};
use crate::harness::{Home as _, Native, Receiver, RedisServer, Server, within};
use std::sync::Arc;
use std::time::{Duration, Instant};

const KEY: &str = "render_signal:poller_lock";

/// How long a dead server keeps the lock here, and how often the others ask for it.
const TTL: (&str, &str) = ("REDIS_LOCK_TTL_SECONDS", "15");
const TTL_TIME: Duration = Duration::from_secs(15);
const ASK: Duration = Duration::from_secs(10);
const SLACK: Duration = Duration::from_secs(3);

fn holder(redis: &RedisServer) -> Option<String> {
    redis.ask(&["GET", KEY])
}

/// Two servers; the first one holds the lock.
async fn two(redis: &Arc<RedisServer>, receiver: &Receiver) -> ([Arc<Native>; 2], [Server; 2]) {
    let one = native(redis, receiver, &[TTL]);
    let first = Server::on(one.clone());
    within(SLACK, "the first takes it", || holder(redis)).await;
    let other = native(redis, receiver, &[TTL]);
    let second = Server::on(other.clone());
    ([one, other], [first, second])
}

#[tokio::test]
async fn one_that_is_asked_to_end_hands_over_at_once() {
    let (receiver, redis) = (Receiver::start(), durable());
    let (homes, servers) = two(&redis, &receiver).await;
    let first = holder(&redis).expect("somebody holds it");
    assert_eq!((lines(&servers[0], "lock_taken"), lines(&servers[1], "lock_taken")), (1, 0));
    homes[0].terminate();
    assert_eq!(homes[0].wait(), Some(0));
    assert_ne!(holder(&redis).as_ref(), Some(&first), "let go before the process ended");
    let start = Instant::now();
    within(ASK + SLACK, "the other takes it", || holder(&redis)).await;
    println!("handed over within {:?}", start.elapsed());
    within(SLACK, "it says so", || (lines(&servers[1], "lock_taken") == 1).then_some(())).await;
}

#[tokio::test]
async fn one_that_dies_is_followed_when_its_time_is_over() {
    let (receiver, redis) = (Receiver::start(), durable());
    let (homes, servers) = two(&redis, &receiver).await;
    let first = holder(&redis).expect("somebody holds it");
    homes[0].kill();
    assert_eq!(holder(&redis), Some(first.clone()));
    let start = Instant::now();
    let other = || holder(&redis).filter(|now| *now != first);
    within(TTL_TIME + ASK + SLACK, "the other takes it", other).await;
    println!("followed after {:?}", start.elapsed());
    within(SLACK, "it says so", || (lines(&servers[1], "lock_taken") == 1).then_some(())).await;
}

/// Held and renewed beyond its time; and a holder that lost it stops.
#[tokio::test]
async fn the_lock_is_renewed_and_its_loss_is_noticed() {
    let (receiver, redis) = (Receiver::start(), durable());
    // The predecessor's poller holds it at first.
    let () = redis.ask(&["SET", KEY, "pid=7", "PX", "3000"]);
    let server = Server::on(native(&redis, &receiver, &[TTL]));
    assert_eq!(lines(&server, "lock_taken"), 0);
    within(ASK + SLACK, "it takes its turn", || holder(&redis).filter(|held| held != "pid=7")).await;
    let first = holder(&redis);
    tokio::time::sleep(TTL_TIME + SLACK).await;
    assert_eq!(holder(&redis), first, "renewed");
    let () = redis.ask(&["SET", KEY, "pid=7", "PX", "60000"]);
    within(TTL_TIME / 3 + SLACK, "it notices", || (lines(&server, "lock_lost") == 1).then_some(())).await;
    assert_eq!(holder(&redis).as_deref(), Some("pid=7"));
}
