//! Old and new servers side by side: a store that a newer version wrote.

use super::{all_delivered, durable, get, native, server, until_ready};
use crate::harness::{Home as _, Mail, Receiver, RedisServer};
use std::time::Duration;

const META: &str = "r:ss:{ledger}:meta";

/// A server that meets it, and one that is told that it is over, notice within this time.
const NOTICED: Duration = Duration::from_secs(10);

/// What a server of version 2 writes, whose oldest possible neighbour is of version `oldest`.
fn written_by_the_next_version(redis: &RedisServer, oldest: &str) {
    let () = redis.ask(&["HSET", META, "schema", "2", "oldest_reader", oldest]);
}

#[tokio::test]
async fn what_a_newer_server_wrote_for_both_is_worked_on() {
    let (receiver, redis) = (Receiver::start(), durable());
    let running = server(&redis, &receiver, &[]);
    running.take(&Mail::new("before")).await;
    written_by_the_next_version(&redis, "1");
    let (new, mails) = (server(&redis, &receiver, &[]), ["before", "beside", "after"].map(Mail::new));
    running.take(&mails[1]).await;
    new.take(&mails[2]).await;
    all_delivered(&receiver, &mails.each_ref().map(Mail::subject), NOTICED).await;
    let kept: Vec<String> = redis.ask(&["HMGET", META, "schema", "oldest_reader"]);
    assert_eq!(kept, ["2", "1"], "the older server leaves the newer one's number alone");
}

#[tokio::test]
async fn what_only_newer_servers_understand_is_left_alone() {
    let (receiver, redis) = (Receiver::start(), durable());
    let running = server(&redis, &receiver, &[]);
    let before = Mail::new("before");
    running.take(&before).await;
    running.life(&before, "delivered").await;
    written_by_the_next_version(&redis, "2");

    // A running server says so and takes nothing …
    let mail = Mail::new("meanwhile");
    let answer = running.push(&mail).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("store_unavailable")), "{answer:?}");
    until_ready(&running, NOTICED, "store_unavailable").await;
    assert_eq!(get(&running, "/health").await.status, 200);
    let log = running.log();
    assert!(log.iter().any(|line| line.contains("only newer servers understand")), "{log:#?}");
    assert!(redis.ask::<Vec<String>>(&["KEYS", "r:ss:{ledger}:body:*"]).len() <= 1, "nothing was written");

    // … one that would start does not, and says why.
    let ended = native(&redis, &receiver, &[]).operate(&["serve"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("version 2") && ended.stderr.contains("run the newer server again"), "{ended:?}");
    let ended = running.operate(&["config", "list"]);
    assert!(ended.code == Some(1) && ended.stderr.contains("version 2"), "{ended:?}");

    // Put back, both go on without a restart.
    let () = redis.ask(&["HSET", META, "schema", "1", "oldest_reader", "1"]);
    until_ready(&running, NOTICED, "ready").await;
    running.take(&mail).await;
    running.life(&mail, "delivered").await;
}
