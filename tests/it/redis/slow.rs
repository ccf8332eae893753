//! A way to Redis that is slow, breaks, or leads nowhere.

use super::load::{Load, Told};
use super::{DONE, RESUMED, UNDER_WAY, all_delivered, durable};
use crate::harness::{Fault, FaultProxy, Native, Receiver, RedisServer, Server, within};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A server whose Redis is behind a proxy, under load.
struct Behind {
    receiver: Receiver,
    proxy: FaultProxy,
    server: Server,
    load: Load,
}

impl Behind {
    async fn start(name: &str, redis: &Arc<RedisServer>) -> Self {
        let (receiver, proxy) = (Receiver::start(), FaultProxy::to(redis));
        let target = receiver.target("/hook");
        let settings = [("WEBHOOK_URL", target.as_str()), ("REDIS_URL", &proxy.url())];
        let server = Server::on(Native::on_redis(redis, &settings));
        let load = Load::start(name, 16, &[server.base()], 0);
        within(UNDER_WAY, "the load goes on", || (load.taken() >= 200).then_some(())).await;
        Self { receiver, proxy, server, load }
    }

    /// The answers to what is pushed under this fault.
    async fn under(&self, fault: Fault, time: Duration) -> Vec<Told> {
        self.proxy.set(fault);
        let from = Instant::now();
        tokio::time::sleep(time).await;
        self.load.told().into_iter().filter(|told| told.began > from).collect()
    }

    /// The fault is over: mails are taken again, soon, and none was lost.
    async fn recovers(self) {
        self.proxy.set(Fault::None);
        let back = Instant::now();
        let taken = || self.load.told().iter().any(|told| told.began > back && told.status == 200).then_some(());
        within(RESUMED, "mails are taken", taken).await;
        println!("mails are taken after {:?}", back.elapsed());
        let acknowledged = self.load.stop().await;
        all_delivered(&self.receiver, &acknowledged, DONE).await;
        drop(self.server);
    }
}

fn statuses(told: &[Told]) -> (usize, usize) {
    let of = |status| told.iter().filter(|told| told.status == status).count();
    (of(200), of(503))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_answers_are_waited_for_and_too_slow_ones_are_refusals() {
    let redis = durable();
    let behind = Behind::start("slow", &redis).await;
    let (taken, refused) =
        statuses(&behind.under(Fault::Slow(Duration::from_millis(150)), Duration::from_secs(10)).await);
    println!("150 ms: {taken} taken, {refused} refused");
    assert!(taken > 0, "a slow Redis is still one");
    let told = behind.under(Fault::Slow(Duration::from_secs(8)), Duration::from_secs(15)).await;
    println!("8 s: {:?}", statuses(&told));
    assert!(!told.is_empty() && told.iter().all(|told| told.status == 503), "{told:?}");
    behind.recovers().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_lose_no_mail() {
    let redis = durable();
    let behind = Behind::start("cut", &redis).await;
    for cut in 0..60 {
        tokio::time::sleep(Duration::from_millis(100 + cut * 7 % 50)).await;
        behind.proxy.cut();
    }
    println!("60 cuts: {:?}", statuses(&behind.load.told()));
    let told = behind.under(Fault::Refused, Duration::from_secs(10)).await;
    assert!(!told.is_empty() && told.iter().all(|told| told.status == 503), "{told:?}");
    behind.recovers().await;
}

/// Not the same as a redis-server that stands still: the network takes what is sent, and it arrives a minute later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_long_after_its_refusal_does_no_harm() {
    let redis = durable();
    let behind = Behind::start("late", &redis).await;
    let told = behind.under(Fault::Frozen, Duration::from_secs(20)).await;
    assert!(!told.is_empty() && told.iter().all(|told| told.status == 503), "{told:?}");
    behind.recovers().await;
}
