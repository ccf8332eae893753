//! No mail that was said yes to is lost, whatever happens to the server.

use crate::harness::{Gate, Mail, Reply, Server, eventually, one_default_target, quick_retries};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MAILS: usize = 500;
const KILLS: usize = 5;
const PUSHERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_kills_under_load_lose_nothing() {
    let (receiver, server) = one_default_target(&[]);
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

#[tokio::test]
async fn a_restart_delivers_what_was_waiting_and_under_way() {
    let (receiver, server) = one_default_target(&[]);
    let gate = Gate::closed();
    receiver.script("/hook", [Reply::status(200).behind(&gate)]);
    for n in 0..6 {
        server.take(&Mail::new(&format!("waiting-{n}"))).await;
    }
    // Four are being sent, two wait for a place.
    receiver.at_least("/hook", 4).await;
    receiver.script("/hook", [Reply::status(200)]);
    server.crash();
    eventually("all are delivered", || (server.mails("delivered").len() == 6).then_some(())).await;
    let mut ids = BTreeMap::<String, BTreeSet<String>>::new();
    for one in receiver.received("/hook") {
        ids.entry(one.subject()).or_default().insert(one.id().to_owned());
    }
    assert_eq!(ids.len(), 6);
    assert!(ids.values().all(|ids| ids.len() == 1), "{ids:?}");
}

#[tokio::test]
async fn a_retry_that_fell_due_while_the_server_was_down_is_made_at_its_start() {
    let (receiver, server) = one_default_target(&[]);
    quick_retries(&server, 10);
    receiver.script("/hook", [Reply::status(500).with_header("retry-after", "4"), Reply::status(200)]);
    let mail = Mail::new("due-meanwhile");
    server.take(&mail).await;
    server.life(&mail, "retrying").await;
    server.crash();
    server.life(&mail, "delivered").await;
    let all = receiver.received("/hook");
    assert_eq!((all.len(), all[0].id(), &all[0].body), (2, all[1].id(), &all[1].body));
}
