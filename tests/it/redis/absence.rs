//! A Redis that is away for long: the server waits for it without growing and without filling its log.

use super::load::Load;
use super::{DONE, RESUMED, UNDER_WAY, all_delivered, durable, server};
use crate::harness::{Receiver, within};
use std::time::{Duration, Instant};

/// What a server may grow by, however long it lasts.
const GROWTH_KIB: u64 = 20 << 10;

/// A line each.
const SAID: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_seconds_without_redis_cost_neither_memory_nor_log() {
    without_redis(Duration::from_secs(40)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "ten minutes; docs/development.md has its command"]
async fn ten_minutes_without_redis_cost_neither_memory_nor_log() {
    without_redis(Duration::from_mins(10)).await;
}

async fn without_redis(time: Duration) {
    let (receiver, redis) = (Receiver::start(), durable());
    let server = server(&redis, &receiver, &[("LOG_LEVEL", "info")]);
    let load = Load::start("absence", 8, &[server.base()], 4 << 10);
    within(UNDER_WAY, "the load goes on", || (load.taken() >= 400 && receiver.count("/hook") >= 300).then_some(()))
        .await;
    let (memory, lines) = (server.resident_kib(), server.log().len());
    redis.kill();
    let gone = Instant::now();
    let mut most = memory;
    while gone.elapsed() < time {
        tokio::time::sleep(Duration::from_secs(1)).await;
        most = most.max(server.resident_kib());
    }
    let log = server.log();
    redis.run();
    // The heart beats on, and what was done when Redis went may have a line left.
    let said: Vec<_> = log[lines..].iter().filter(|line| !line.contains(r#""level":"info""#)).cloned().collect();
    println!("{time:?}: {memory} KiB before, at most {most} KiB; {} lines:\n{}", said.len(), said.join("\n"));
    assert!(most < memory + GROWTH_KIB, "{memory} KiB, then {most} KiB");
    // One at the beginning.
    assert!(said.len() as u64 <= time.as_secs() / SAID.as_secs() + 1, "{} lines in {time:?}", said.len());
    let back = Instant::now();
    within(RESUMED, "mails are taken", || {
        load.told().iter().any(|told| told.ended > back && told.status == 200).then_some(())
    })
    .await;
    // What stays unsaid meanwhile is named: documents are read again every 30 seconds.
    within(RESUMED, "a line names it", || server.log().iter().any(|line| line.contains("config_stale")).then_some(()))
        .await;
    let acknowledged = load.stop().await;
    all_delivered(&receiver, &acknowledged, DONE).await;
}
