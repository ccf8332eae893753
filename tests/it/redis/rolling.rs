//! A rolling deploy: one server after the other is asked to end and is started anew, while clients go on pushing to both.

use super::load::Load;
use super::{UNDER_WAY, all_delivered, durable, native};
use crate::harness::{Receiver, Server, within};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// What a platform waits before it kills is longer.
const DRAIN: Duration = Duration::from_secs(20);

const ROUNDS: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_are_replaced_one_by_one_and_every_mail_is_delivered_once() {
    let (receiver, redis) = (Receiver::start(), durable());
    let settings = [free_address(), free_address()];
    let homes = settings.each_ref().map(|address| native(&redis, &receiver, &[("BIND", address.as_str())]));
    let servers = homes.each_ref().map(|home| Server::on(home.clone()));
    let load = Load::start("rolling", 8, &[servers[0].base(), servers[1].base()], 0);
    for _ in 0..ROUNDS {
        for (home, server) in homes.iter().zip(&servers) {
            let before = load.taken();
            within(UNDER_WAY, "both work", || (load.taken() >= before + 200).then_some(())).await;
            let start = Instant::now();
            home.terminate();
            assert_eq!(home.wait(), Some(0));
            let ended = start.elapsed();
            let log = server.log();
            assert!(log.iter().any(|line| line.contains("\"stopped\"")), "it finished what was in flight: {log:#?}");
            let others = load.taken();
            within(DRAIN, "the other takes it all", || (load.taken() >= others + 100).then_some(())).await;
            println!("ended after {ended:?}, {} taken so far", load.taken());
            server.start_again();
        }
    }
    let acknowledged = load.stop().await;
    // Sooner than a lease ends: nothing was left leased.
    all_delivered(&receiver, &acknowledged, Duration::from_secs(30)).await;
    let mut requests = BTreeMap::<String, usize>::new();
    for one in receiver.received("/hook") {
        *requests.entry(one.subject()).or_default() += 1;
    }
    let twice: Vec<_> = requests.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "delivered more than once: {twice:?}");
    for server in &servers {
        assert!(!server.log().iter().any(|line| line.contains("stopped_early")));
    }
}

/// What is due when a server ends is begun by the other one at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_leaves_the_other_takes_over() {
    use crate::harness::{Gate, Mail, Reply};
    let (receiver, redis) = (Receiver::start(), durable());
    let gate = Gate::closed();
    receiver.script("/hook", [Reply::status(200).behind(&gate)]);
    let one = native(&redis, &receiver, &[]);
    let ending = Server::on(one.clone());
    let mails: Vec<_> = (0..10).map(|n| Mail::new(&format!("left-{n}"))).collect();
    for mail in &mails {
        ending.take(mail).await;
    }
    // As many as one target takes are being sent; the others are due.
    receiver.at_least("/hook", 4).await;
    let other = Server::on(native(&redis, &receiver, &[]));
    one.terminate();
    tokio::time::sleep(Duration::from_millis(300)).await;
    receiver.script("/hook", [Reply::status(200)]);
    gate.open();
    assert_eq!(one.wait(), Some(0));
    let start = Instant::now();
    within(Duration::from_secs(3), "the rest is sent", || (receiver.count("/hook") >= mails.len()).then_some(())).await;
    println!("taken over within {:?}", start.elapsed());
    for mail in &mails {
        other.life(mail, "delivered").await;
    }
    assert_eq!(receiver.count("/hook"), mails.len(), "each was sent once");
}

/// An address that stays the same over restarts.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
