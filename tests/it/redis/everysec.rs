//! A server that synchronises its file once a second, and can be waited for (`WAITAOF`): the mode of managed offers.

use super::load::Load;
use super::{DONE, UNDER_WAY, all_delivered, get, server};
use crate::harness::{EVERYSEC, Fault, FaultProxy, Mail, Native, Receiver, RedisServer, Server, eventually, within};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_right_after_the_answer() {
    let Some(redis) = RedisServer::with_waitaof(EVERYSEC) else { return };
    let (receiver, redis) = (Receiver::start(), Arc::new(redis));
    let server = server(&redis, &receiver, &[]);
    assert_eq!(get(&server, "/ready").await.status, 200);
    let first = Mail::new("first");
    server.take(&first).await;
    server.life(&first, "delivered").await;
    for round in 0..5 {
        let load = Load::start(&format!("everysec-{round}"), 32, &[server.base()], 0);
        within(UNDER_WAY, "the load goes on", || (load.taken() >= 100).then_some(())).await;
        // At once after some answers, in the middle of others.
        redis.kill();
        redis.run();
        let acknowledged = load.stop().await;
        let on_record: Vec<String> = redis.ask(&["KEYS", "*"]);
        println!("round {round}: {} acknowledged, {} keys", acknowledged.len(), on_record.len());
        all_delivered(&receiver, &acknowledged, DONE).await;
    }
}

/// A killed process leaves what it wrote to the system; only a power cut would not. So this holds the one thing back that tells
/// that the disk has it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mail_is_acknowledged_before_the_disk_has_it() {
    let Some(redis) = RedisServer::with_waitaof(EVERYSEC) else { return };
    let (receiver, redis) = (Receiver::start(), Arc::new(redis));
    let proxy = FaultProxy::to(&redis);
    let settings = [("WEBHOOK_URL", &*receiver.target("/hook")), ("REDIS_URL", &*proxy.url())];
    let server = Server::on(Native::on_redis(&redis, &settings));
    let load = Load::start("waiting", 16, &[server.base()], 0);
    within(UNDER_WAY, "the load goes on", || (load.taken() >= 50).then_some(())).await;
    proxy.set(Fault::NoAnswerTo("WAITAOF"));
    // What was answered before this moment is on its way to its client.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let from = std::time::Instant::now();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let told: Vec<_> = load.told().into_iter().filter(|told| told.began > from).collect();
    println!("{} answers meanwhile", told.len());
    assert!(!told.is_empty() && told.iter().all(|told| told.status == 503), "{told:?}");
    proxy.set(Fault::None);
    eventually("mails are taken", || {
        load.told().iter().any(|told| told.began > from && told.status == 200).then_some(())
    })
    .await;
    let acknowledged = load.stop().await;
    all_delivered(&receiver, &acknowledged, DONE).await;
}
