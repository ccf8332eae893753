//! Several servers on one Redis, and a Redis that ends, hangs, forgets, or cannot keep what it is given.
//!
//! Every server here is a native one, and every Redis one of the test's own. Whatever happens to either, two things hold: a mail that
//! was said yes to is delivered, and all its deliveries carry one id.

mod absence;
mod everysec;
mod frozen;
mod load;
mod outage;
mod refusals;
mod rolling;
mod schema;
mod sharing;
mod slow;
mod stale;
mod starting;
mod sweeping;
mod takeover;
mod way;
mod wiped;

use crate::harness::{Answer, DURABLE, Native, Receiver, RedisServer, Server, within};
use std::sync::Arc;
use std::time::Duration;

/// A lease that nobody renews has run out, and its work was taken up, after this time.
const LEASE: Duration = Duration::from_secs(70);

/// What was under way when something failed is done by then: it waits for its lease, and may meet the failure twice.
const DONE: Duration = Duration::from_secs(150);

/// The pause of a client between two mails: the machine that runs the tests has other things to do.
const UNHURRIED: Duration = Duration::from_millis(100);

/// A load is under way by then, on a machine that starts a dozen servers.
const UNDER_WAY: Duration = Duration::from_mins(1);

/// Work goes on this soon after Redis is back.
const RESUMED: Duration = Duration::from_secs(5);

fn durable() -> Arc<RedisServer> {
    Arc::new(RedisServer::start(DURABLE))
}

/// A server on this Redis, whose default target is the receiver's `/hook`.
fn server(redis: &Arc<RedisServer>, receiver: &Receiver, settings: &[(&str, &str)]) -> Server {
    Server::on(native(redis, receiver, settings))
}

fn native(redis: &Arc<RedisServer>, receiver: &Receiver, settings: &[(&str, &str)]) -> Arc<Native> {
    let target = receiver.target("/hook");
    Native::on_redis(redis, &[&[("WEBHOOK_URL", target.as_str())], settings].concat())
}

async fn get(server: &Server, path: &str) -> Answer {
    Answer::of(server.request("GET", path)).await
}

/// Waits until a mail would be taken, or refused with this code.
async fn until_ready(server: &Server, limit: Duration, code: &str) {
    let start = std::time::Instant::now();
    loop {
        let answer = get(server, "/ready").await.json();
        if answer["code"] == code {
            return;
        }
        assert!(start.elapsed() < limit, "not {code} within {limit:?}: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Each of these mails was received, and no two requests about one mail had different ids or bytes.
async fn all_delivered(receiver: &Receiver, subjects: &[String], limit: Duration) {
    use std::collections::{BTreeMap, BTreeSet};
    let missing = || {
        let there: BTreeSet<String> =
            receiver.received("/hook").iter().map(crate::harness::Received::subject).collect();
        subjects.iter().filter(|subject| !there.contains(*subject)).count()
    };
    // Looking costs: it reads everything that was received.
    let start = std::time::Instant::now();
    while missing() > 0 {
        assert!(start.elapsed() < limit, "{} of {} not delivered within {limit:?}", missing(), subjects.len());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let mut sent = BTreeMap::<String, BTreeSet<(String, Vec<u8>)>>::new();
    let all = receiver.received("/hook");
    for one in &all {
        sent.entry(one.subject()).or_default().insert((one.id().to_owned(), one.body.clone()));
    }
    for (subject, sent) in &sent {
        assert_eq!(sent.len(), 1, "{subject}: every repeat has the id and the bytes of the first");
    }
    let distinct: BTreeSet<_> = sent.values().flatten().map(|(id, _)| id).collect();
    assert_eq!(distinct.len(), sent.len(), "no two mails share an id");
    println!("{} acknowledged, {} mails received in {} requests", subjects.len(), sent.len(), all.len());
}

/// Waits until a log has a line with this code.
async fn logged(server: &Server, code: &str, limit: Duration) {
    within(limit, &format!("a line with the code {code}"), || (lines(server, code) > 0).then_some(())).await;
}

/// How many lines of the log have this code.
fn lines(server: &Server, code: &str) -> usize {
    let of_code =
        |line: &&String| serde_json::from_str::<serde_json::Value>(line).is_ok_and(|line| line["code"] == code);
    server.log().iter().filter(of_code).count()
}
