//! A Redis that cannot keep what it is given: no mail is taken, and the answer says why.

use super::{all_delivered, durable, get, logged, server, until_ready};
use crate::harness::{DURABLE, Mail, Receiver, RedisServer, Server};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// The regular look, once a minute, has seen it.
const NOTICED: Duration = Duration::from_secs(75);
const SOON: Duration = Duration::from_secs(10);

const NOT_DURABLE: &str = "store_not_durable";
const FULL: &str = "store_full";

async fn assert_refused(server: &Server, code: &str) {
    let answer = server.push(&Mail::new(code)).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some(code)), "{answer:?}");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
    let ready = get(server, "/ready").await;
    assert_eq!((ready.status, ready.json()["code"].as_str()), (503, Some(code)), "{ready:?}");
    let health = get(server, "/health").await;
    assert_eq!((health.status, health.json()["status"].as_str()), (200, Some("degraded")), "{health:?}");
    assert!(server.mails("queued").is_empty());
}

#[tokio::test]
async fn what_a_power_cut_would_lose_is_not_taken() {
    let rows: [(&str, &[&str]); 5] = [
        ("synchronised once a second", &["--appendonly", "yes", "--appendfsync", "everysec"]),
        ("never synchronised", &["--appendonly", "yes", "--appendfsync", "no"]),
        ("no file", &["--appendonly", "no"]),
        ("evicts by age", &["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "allkeys-lru"]),
        (
            "evicts what expires",
            &["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "volatile-ttl"],
        ),
    ];
    for (name, settings) in rows {
        let receiver = Receiver::start();
        let redis = Arc::new(RedisServer::without_waitaof(settings));
        let server = server(&redis, &receiver, &[]);
        println!("{name}");
        assert_refused(&server, NOT_DURABLE).await;
        logged(&server, NOT_DURABLE, SOON).await;
        assert_eq!(receiver.count("/hook"), 0, "{name}");
        // Somebody who accepts the loss says so.
        let volatile = super::server(&redis, &receiver, &[("ALLOW_VOLATILE_REDIS", "1")]);
        let mail = Mail::new("volatile");
        volatile.take(&mail).await;
        volatile.life(&mail, "delivered").await;
        let health = get(&volatile, "/health").await.json();
        assert_eq!((&health["status"], &health["code"]), (&json!("degraded"), &json!(NOT_DURABLE)), "{name}");
    }
}

#[tokio::test]
async fn a_redis_that_is_set_otherwise_while_servers_run_is_noticed() {
    let (receiver, redis) = (Receiver::start(), Arc::new(RedisServer::without_waitaof(DURABLE)));
    let server = server(&redis, &receiver, &[]);
    let mail = Mail::new("while-it-was-durable");
    server.take(&mail).await;
    let () = redis.ask(&["CONFIG", "SET", "appendfsync", "everysec"]);
    until_ready(&server, NOTICED, NOT_DURABLE).await;
    assert_refused(&server, NOT_DURABLE).await;
    server.life(&mail, "delivered").await;
    let () = redis.ask(&["CONFIG", "SET", "appendfsync", "always"]);
    until_ready(&server, NOTICED, "ready").await;
    server.take(&Mail::new("durable-again")).await;
}

#[tokio::test]
async fn a_full_redis_takes_nothing_and_finishes_what_it_has() {
    const BODY: usize = 200 << 10;
    let (receiver, redis) = (Receiver::start(), durable());
    let server = server(&redis, &receiver, &[]);
    let () = redis.ask(&["CONFIG", "SET", "maxmemory", "24mb"]);
    let mut taken = Vec::new();
    let refusal = loop {
        let mail =
            Mail::new(&format!("full-{:03}", taken.len())).with("body", format!("<p>qzbody</p>{}", "x".repeat(BODY)));
        let answer = server.push(&mail).await;
        if answer.status != 200 {
            break answer;
        }
        taken.push(mail.subject());
        assert!(taken.len() < 200, "24 MiB take no more than that");
    };
    assert_eq!((refusal.status, refusal.json()["code"].as_str()), (503, Some(FULL)), "{refusal:?}");
    println!("{} mails of {BODY} bytes until it was full", taken.len());
    until_ready(&server, NOTICED, FULL).await;
    all_delivered(&receiver, &taken, SOON).await;
    // With room again, it takes mails again.
    let late = Mail::new("in-time");
    let () = redis.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    until_ready(&server, NOTICED, "ready").await;
    server.take(&late).await;
    server.life(&late, "delivered").await;
}

#[tokio::test]
async fn out_of_memory_what_is_under_way_is_sent_and_recorded() {
    use crate::harness::{Gate, Reply};
    let (receiver, redis) = (Receiver::start(), durable());
    let server = server(&redis, &receiver, &[]);
    let gate = Gate::closed();
    receiver.script("/hook", [Reply::status(200).behind(&gate)]);
    let mails: Vec<_> = (0..6).map(|n| Mail::new(&format!("under-way-{n}"))).collect();
    for mail in &mails {
        server.take(mail).await;
    }
    receiver.at_least("/hook", 4).await;
    let () = redis.ask(&["CONFIG", "SET", "maxmemory", "1mb"]);
    receiver.script("/hook", [Reply::status(200)]);
    gate.open();
    let answer = server.push(&Mail::new("one-more")).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some(FULL)), "{answer:?}");
    for mail in &mails {
        server.life(mail, "delivered").await;
    }
    assert_eq!(receiver.count("/hook"), mails.len(), "each was sent once, and that is on record");
}

#[tokio::test]
async fn a_replica_takes_nothing_until_it_is_the_master_again() {
    let (receiver, redis) = (Receiver::start(), durable());
    let server = server(&redis, &receiver, &[]);
    let mail = Mail::new("on-the-master");
    server.take(&mail).await;
    server.life(&mail, "delivered").await;
    // Of a master that is not there: it keeps what it has.
    let () = redis.ask(&["REPLICAOF", "127.0.0.1", "1"]);
    let answer = server.push(&Mail::new("on-a-replica")).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    until_ready(&server, NOTICED, NOT_DURABLE).await;
    let () = redis.ask(&["REPLICAOF", "NO", "ONE"]);
    until_ready(&server, NOTICED, "ready").await;
    server.take(&Mail::new("on-a-replica")).await;
    let mail = Mail::new("on-the-master-again");
    server.take(&mail).await;
    server.life(&mail, "delivered").await;
}
