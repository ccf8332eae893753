//! A start on a Redis that is not there, or is none to start on.

use super::{durable, get, native, until_ready};
use crate::harness::{Home as _, Mail, Receiver, RedisServer, Server};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Whoever starts a container gives up on one that does not serve by then.
const SERVES: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_server_starts_without_redis_and_works_when_it_comes() {
    let (receiver, redis) = (Receiver::start(), durable());
    redis.kill();
    let home = native(&redis, &receiver, &[]);
    let start = Instant::now();
    let server = Server::on(home.clone());
    println!("it serves after {:?}", start.elapsed());
    assert!(start.elapsed() < SERVES, "{:?}", start.elapsed());
    let mail = Mail::new("too-early");
    let answer = server.push(&mail).await;
    assert!(answer.status == 503 && answer.header("retry-after").is_some(), "{answer:?}");
    assert_eq!(get(&server, "/ready").await.status, 503);
    let health = get(&server, "/health").await;
    assert_eq!((health.status, health.json()["services"]["store"].as_str()), (200, Some("redis")), "{health:?}");
    let told = home.operate(&["check"]).ok();
    assert!(told.contains("Redis is not there now") && told.contains("a start would succeed"), "{told}");
    let failed = home.operate(&["mails", "list"]);
    assert!(failed.code == Some(1) && failed.stderr.contains("REDIS_URL"), "{failed:?}");

    redis.run();
    until_ready(&server, Duration::from_secs(5), "ready").await;
    server.take(&mail).await;
    server.life(&mail, "delivered").await;
}

#[tokio::test]
async fn a_cluster_is_refused_with_the_reason() {
    let receiver = Receiver::start();
    let redis = Arc::new(RedisServer::start(&["--cluster-enabled", "yes"]));
    let home = native(&redis, &receiver, &[]);
    for command in ["serve", "check"] {
        let ended = home.operate(&[command]);
        assert_eq!(ended.code, Some(78), "{command}: {ended:?}");
        assert!(ended.stderr.contains("cluster mode"), "{command}: {ended:?}");
    }
}

#[tokio::test]
async fn check_says_what_will_happen_on_this_redis() {
    let (receiver, redis) = (Receiver::start(), durable());
    let told = native(&redis, &receiver, &[("RENDER", "true")]).operate(&["check"]).ok();
    assert_eq!(told.matches("mails are taken").count(), 1, "{told}");
    assert!(told.contains("a start would succeed"), "{told}");
    assert!(told.contains("REDIS_URL: set: (hidden)"), "{told}");
}
