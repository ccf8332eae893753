//! Large mails, and many repeats of one.

use crate::harness::{Answer, Mail, Place, Receiver, Reply, Server, TOKEN, eventually, one_default_target};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

const MIB: usize = 1 << 20;

/// A text of so many bytes, unlike itself everywhere, with characters of one to four bytes.
fn text(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 64);
    let mut n = 0;
    while text.len() < bytes {
        let _ = writeln!(text, "<p>qzbody {n} é € 🎬 \"x\\\"</p>");
        n += 1;
    }
    while text.len() > bytes {
        text.pop();
    }
    while text.len() < bytes {
        text.push('x');
    }
    text
}

#[tokio::test]
async fn bodies_of_every_size_up_to_the_limit_arrive_whole() {
    let (receiver, server) = one_default_target(&[]);
    server.configure("processing_prefs", &json!({"webhook_timeout_sec": 60}));
    for (n, size) in [9 * MIB / 10, 21 * MIB / 10].into_iter().enumerate() {
        arrives(&receiver, &server, &format!("size-{n}"), &text(size), size > MIB).await;
    }
    // As JSON this one takes all but the last of 10 MiB.
    arrives(&receiver, &server, "size-limit", &"qzbody x".repeat(99 * MIB / 80), true).await;
    let over = Mail::new("size-over").with("body", "x".repeat(11 * MIB));
    assert_eq!(server.insist(&over).await.status, 413);
    // A line of 1 MiB, and ten thousand links.
    arrives(&receiver, &server, "line", &format!("qzbody{}", "a".repeat(MIB)), true).await;
    let links = (0..10_000).fold(String::from("qzbody"), |mut links, n| {
        let _ = write!(links, " https://fromsmash.com/lien-{n}");
        links
    });
    let payload = arrives(&receiver, &server, "links", &links, false).await;
    let found = payload["delivery_links"].as_array().unwrap();
    assert_eq!((found.len(), &found[49]["raw_url"]), (50, &json!("https://fromsmash.com/lien-49")));
}

async fn arrives(receiver: &Receiver, server: &Server, name: &str, body: &str, truncated: bool) -> serde_json::Value {
    let path = "/hook";
    let before = receiver.count(path);
    let mail = Mail::new(name).with("body", body);
    server.take(&mail).await;
    let received = receiver.at_least(path, before + 1).await.remove(before);
    let payload = received.json();
    assert_eq!(payload["subject"], mail.subject());
    assert!(payload["email_content"] == body, "{name}: the body changed");
    assert_eq!(payload["truncated"] == json!(true), truncated, "{name}");
    server.life(&mail, "delivered").await;
    payload
}

/// The memory that a server may have. workerd holds the Worker and its objects, each with a heap of up to 128 MB, and itself.
fn most_kib() -> u64 {
    match Place::of_this_run() {
        Place::Native | Place::Redis => 256 << 10,
        Place::Worker => 512 << 10,
    }
}

/// More large mails at once than are held in memory: the others are told to come back, and do.
#[tokio::test]
async fn many_large_mails_at_once_stay_within_memory() {
    const MAILS: usize = 12;
    // Natively 8 bodies of 3 MiB may be in memory on 2 cores, three times over each; in workerd 4, in two isolates.
    let most_kib = most_kib();

    let receiver = Receiver::start();
    let server = Arc::new(Server::start(&[("WEBHOOK_URL", &receiver.target("/hook"))]));
    let body = Arc::new(text(3 * MIB));
    let mut pushes = tokio::task::JoinSet::new();
    for n in 0..MAILS {
        let (server, body) = (Arc::clone(&server), Arc::clone(&body));
        pushes.spawn(async move {
            let mail = Mail::new(&format!("large-{n}")).with("body", body.as_str());
            let mut refused = 0;
            loop {
                let answer = server.insist(&mail).await;
                match answer.status {
                    200 => return refused,
                    503 => assert!(answer.header("retry-after").is_some(), "{answer:?}"),
                    _ => panic!("{answer:?}"),
                }
                refused += 1;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
    }
    let mut refused = 0;
    while let Some(push) = pushes.join_next().await {
        refused += push.unwrap();
    }
    eventually("all are delivered", || (server.mails("delivered").len() == MAILS).then_some(())).await;
    assert!(receiver.received("/hook").iter().all(|one| one.json()["email_content"] == body.as_str()));
    let peak = server.peak_kib();
    println!("large: {refused} told to come back, peak {} MiB", peak >> 10);
    assert!(peak < most_kib, "{peak} KiB");
}

/// Five thousand pushes of one mail, all at once: one delivery.
#[tokio::test]
async fn a_storm_of_repeats_is_one_delivery() {
    const PUSHES: usize = 5_000;
    // Measured: 107 to 109 MiB in a debug build, most of it connections.
    let most_kib = most_kib();

    let receiver = Receiver::start();
    receiver.script("/hook", [Reply::status(200)]);
    let server = Server::start(&[("WEBHOOK_URL", &receiver.target("/hook"))]);
    raise_descriptor_limit();
    // No connection is used twice: a server may close a kept one in the moment in which it is used again.
    let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(Duration::from_mins(1));
    let client = client.build().unwrap();
    let (mail, url) = (Mail::new("storm").to_json(), server.url("/api/ingress/gmail"));
    // On Cloudflare its edge takes the crowd; workerd itself gives up on a connection that waits long for its turn. On Redis a push that
    // waits three seconds for its turn is told to come back, and a machine of two busy cores takes 500 a second.
    let crowd = match Place::of_this_run() {
        Place::Native => PUSHES,
        Place::Redis => 400,
        Place::Worker => 200,
    };
    let crowd = Arc::new(tokio::sync::Semaphore::new(crowd));
    let mut pushes = tokio::task::JoinSet::new();
    for _ in 0..PUSHES {
        let crowd = Arc::clone(&crowd);
        let request = client.post(&url).bearer_auth(TOKEN).header("content-type", "application/json");
        let request = request.body(mail.clone());
        pushes.spawn(async move {
            let _turn = crowd.acquire().await.unwrap();
            Answer::of(request).await.status_word()
        });
    }
    let mut answers = BTreeMap::new();
    while let Some(answer) = pushes.join_next().await {
        *answers.entry(answer.unwrap()).or_insert(0) += 1;
    }
    assert_eq!(answers.remove(&(200, "queued".to_owned())), Some(1), "{answers:?}");
    let known = |word: &str| answers.get(&(200, word.to_owned())).copied().unwrap_or(0);
    assert_eq!(known("already_processing") + known("already_processed"), PUSHES - 1, "{answers:?}");
    server.life(&Mail::new("storm"), "delivered").await;
    assert_eq!(receiver.count("/hook"), 1);
    let peak = server.peak_kib();
    println!("storm: peak {} MiB", peak >> 10);
    assert!(peak < most_kib, "{peak} KiB");
}

fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most }).unwrap();
}
