//! A redis-server that ends without a word, in the middle of a load, and comes back over its file.

use super::load::Load;
use super::{DONE, RESUMED, UNDER_WAY, all_delivered, durable, server};
use crate::harness::{Receiver, within};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_redis_loses_no_mail_and_work_goes_on_when_it_is_back() {
    let (receiver, redis) = (Receiver::start(), durable());
    let servers = [0, 1].map(|_| server(&redis, &receiver, &[]));
    let load = Load::start("outage", 8, &[servers[0].base(), servers[1].base()], 0);
    for down in [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(12)] {
        let before = load.taken();
        within(UNDER_WAY, "the load goes on", || (load.taken() >= before + 200).then_some(())).await;
        redis.kill();
        let gone = Instant::now();
        tokio::time::sleep(down).await;
        let told = load.told();
        let lies: Vec<_> = told.iter().filter(|told| told.began > gone && told.status == 200).collect();
        assert!(lies.is_empty(), "taken without a Redis: {lies:?}");
        assert!(down < Duration::from_secs(1) || told.iter().any(|told| told.began > gone && told.status == 503));
        redis.run();
        let (back, delivered) = (Instant::now(), receiver.count("/hook"));
        within(RESUMED, "mails are taken", || {
            load.told().iter().any(|told| told.began > back && told.status == 200).then_some(())
        })
        .await;
        within(RESUMED.saturating_sub(back.elapsed()), "mails are delivered", || {
            (receiver.count("/hook") > delivered).then_some(())
        })
        .await;
        println!("down {down:?}: all goes on after {:?}, {delivered} delivered before", back.elapsed());
    }
    let acknowledged = load.stop().await;
    all_delivered(&receiver, &acknowledged, DONE).await;
}
