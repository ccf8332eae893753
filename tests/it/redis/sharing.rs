//! Two servers, one Redis, and every mail pushed to both at the same moment.

use super::load::push;
use super::{durable, server};
use crate::harness::{Mail, Received, Receiver, within};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const MAILS: usize = 10_000;

/// Connections to each server.
const CROWD: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_mails_pushed_to_two_servers_at_once_are_delivered_once_each() {
    let (receiver, redis) = (Receiver::start(), durable());
    let servers = [0, 1].map(|_| server(&redis, &receiver, &[("LOG_LEVEL", "warn")]));
    let bases = Arc::new([servers[0].base(), servers[1].base()]);
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().unwrap();
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..CROWD {
        let (bases, client, next) = (Arc::clone(&bases), client.clone(), Arc::clone(&next));
        crowd.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= MAILS {
                    return;
                }
                push_to_both(&client, &bases, &Mail::new(&format!("shared-{n:05}"))).await;
            }
        });
    }
    while let Some(pushed) = crowd.join_next().await {
        pushed.unwrap();
    }
    let pushed = start.elapsed();
    within(Duration::from_mins(2), "all are delivered", || (receiver.count("/hook") >= MAILS).then_some(())).await;
    println!("pushed twice in {pushed:?}, delivered in {:?}", start.elapsed());
    // What would come twice comes now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let all = receiver.received("/hook");
    let distinct = |of: fn(&Received) -> String| all.iter().map(of).collect::<BTreeSet<_>>().len();
    let figures = (all.len(), distinct(Received::subject), distinct(|one| one.id().to_owned()));
    assert_eq!(figures, (MAILS, MAILS, MAILS), "requests, mails and ids");
}

/// One of the two takes the mail, and the other knows it.
async fn push_to_both(client: &reqwest::Client, bases: &[String; 2], mail: &Mail) {
    let (one, other) =
        tokio::join!(push_until_taken(client, &bases[0], mail), push_until_taken(client, &bases[1], mail));
    assert!(!(one == "queued" && other == "queued"), "{}: both took it as new", mail.subject());
}

/// What it was told in the end. A Redis on a busy machine may let some wait too long: they come again.
async fn push_until_taken(client: &reqwest::Client, base: &str, mail: &Mail) -> String {
    for _ in 0..100 {
        let answer = push(client, base, mail).await.expect("an answer");
        match answer.status {
            200 => return answer.status_word().1,
            503 => tokio::time::sleep(Duration::from_millis(200)).await,
            _ => panic!("{answer:?}"),
        }
    }
    panic!("{}: never taken", mail.subject())
}
