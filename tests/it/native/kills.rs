//! No mail that was said yes to is lost, however often the process is killed in the middle of a load. The Worker's form of this, with
//! more kills, is in `tests/worker`.

use crate::harness::{Mail, Native, Receiver, Server, eventually, quick_retries};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MAILS: usize = 500;
const KILLS: usize = 5;
const PUSHERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_kills_under_load_lose_nothing() {
    let receiver = Receiver::start();
    let server = Server::on(Native::new(&[("WEBHOOK_URL", &receiver.target("/hook"))]));
    quick_retries(&server, 10);
    let server = Arc::new(server);
    let (next, taken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut pushers = tokio::task::JoinSet::new();
    for _ in 0..PUSHERS {
        let (server, next, taken) = (Arc::clone(&server), Arc::clone(&next), Arc::clone(&taken));
        pushers.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::SeqCst);
                if n >= MAILS {
                    break;
                }
                push_until_taken(&server, &Mail::new(&format!("kill-{n:03}"))).await;
                taken.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos() as usize;
    println!("kills: seed {seed}");
    for kill in 0..KILLS {
        // Somewhere in each fifth of the load, a few milliseconds after a push was taken.
        let moment = kill * MAILS / KILLS + (seed >> kill) % (MAILS / KILLS);
        eventually("the load goes on", || (taken.load(Ordering::SeqCst) >= moment).then_some(())).await;
        tokio::time::sleep(Duration::from_micros(((seed >> (2 * kill)) % 10_000) as u64)).await;
        server.crash();
    }
    while let Some(pusher) = pushers.join_next().await {
        pusher.unwrap();
    }
    eventually("all are delivered", || (server.mails("delivered").len() == MAILS).then_some(())).await;

    let mut ids = BTreeMap::<String, BTreeSet<(String, Vec<u8>)>>::new();
    let all = receiver.received("/hook");
    for one in &all {
        ids.entry(one.subject()).or_default().insert((one.id().to_owned(), one.body.clone()));
    }
    println!("kills: {} deliveries of {} mails", all.len(), ids.len());
    assert_eq!(ids.len(), MAILS, "lost: {:?}", MAILS - ids.len());
    for (subject, sent) in &ids {
        assert_eq!(sent.len(), 1, "{subject}: every repeat has the id and the bytes of the first");
    }
    let distinct: BTreeSet<_> = ids.values().flatten().map(|(id, _)| id).collect();
    assert_eq!(distinct.len(), MAILS, "no two mails share an id");
}

/// What the Gmail client does: the mail keeps its label until there is a 200.
async fn push_until_taken(server: &Server, mail: &Mail) {
    let words = ["queued", "already_processing", "already_processed"];
    loop {
        match server.try_push(mail).await {
            Ok(answer) if answer.status == 200 => {
                let (_, word) = answer.status_word();
                assert!(words.contains(&word.as_str()), "{word}");
                return;
            }
            Ok(answer) => assert_eq!(answer.status, 503, "{answer:?}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
