//! A redis-server that stands still: connections stay open, and nothing is answered.

use super::load::Load;
use super::{DONE, RESUMED, UNDER_WAY, all_delivered, durable, server};
use crate::harness::{Receiver, within};
use std::time::{Duration, Instant};

const FROZEN: Duration = Duration::from_mins(1);

/// Clients that push all the time, each a mail of this size.
const CLIENTS: usize = 100;
const BALLAST: usize = 64 << 10;

/// Every answer is there by then.
const PATIENCE: Duration = Duration::from_secs(10);

/// More than this is a leak: it is the bodies of all clients four times over.
const GROWTH_KIB: u64 = (4 * CLIENTS * BALLAST) as u64 >> 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_stands_still_for_a_minute_costs_only_refusals() {
    let (receiver, redis) = (Receiver::start(), durable());
    let server = server(&redis, &receiver, &[("LOG_LEVEL", "info")]);
    let load = Load::with_pauses(Duration::from_secs(1), "frozen", CLIENTS, &[server.base()], BALLAST);
    within(UNDER_WAY, "the load goes on", || (load.taken() >= 300).then_some(())).await;
    let before = server.resident_kib();
    redis.freeze();
    let from = Instant::now();
    let mut most = before;
    while from.elapsed() < FROZEN {
        tokio::time::sleep(Duration::from_secs(1)).await;
        most = most.max(server.resident_kib());
    }
    let told: Vec<_> = load.told().into_iter().filter(|told| told.began > from).collect();
    redis.thaw();
    let back = Instant::now();
    assert!(told.len() > CLIENTS, "{} answers", told.len());
    assert!(told.iter().all(|told| told.status == 503), "taken by a Redis that stands still");
    let longest = told.iter().map(|told| told.ended - told.began).max().unwrap();
    println!("{} refusals, the slowest after {longest:?}; {before} KiB before, at most {most} KiB", told.len());
    assert!(longest < PATIENCE, "{longest:?}");
    assert!(most < before + GROWTH_KIB, "{before} KiB, then {most} KiB");
    // It has the calls of a minute to answer first, most of them for nobody.
    within(4 * RESUMED, "mails are taken", || {
        load.told().iter().any(|told| told.ended > back && told.status == 200).then_some(())
    })
    .await;
    let acknowledged = load.stop().await;
    all_delivered(&receiver, &acknowledged, DONE).await;
}
