//! A server that stands still for longer than its leases last, and goes on as if nothing had happened.

use super::{LEASE, durable, native, server};
use crate::harness::{Gate, Mail, Receiver, Reply, Server, within};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const MAILS: usize = 3;
const TWO_LEASES: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stood_still_for_two_leases_changes_nothing() {
    let (receiver, redis) = (Receiver::start(), durable());
    let gate = Gate::closed();
    let mails: Vec<_> = (0..MAILS).map(|n| Mail::new(&format!("stale-{n}"))).collect();
    let one = native(&redis, &receiver, &[]);
    let standing = Server::on(one.clone());
    // It will be told of a failure, when it is long no longer its business.
    receiver.script("/hook", [Reply::status(500).behind(&gate)]);
    for mail in &mails {
        standing.take(mail).await;
    }
    receiver.at_least("/hook", MAILS).await;
    one.freeze();
    let start = Instant::now();
    receiver.script("/hook", [Reply::status(200)]);
    let other = server(&redis, &receiver, &[]);
    within(LEASE, "the other takes over", || (receiver.count("/hook") == 2 * MAILS).then_some(())).await;
    let mut before = Vec::new();
    for mail in &mails {
        before.push(other.life(mail, "delivered").await);
    }
    tokio::time::sleep(TWO_LEASES.saturating_sub(start.elapsed())).await;
    gate.open();
    one.thaw();
    for (mail, before) in mails.iter().zip(&before) {
        within(Duration::from_secs(30), "its attempt is on record", || {
            let shown = other.operate(&["mails", "show", before["mail"]["id"].as_str().unwrap()]).ok();
            let life: Value = serde_json::from_str(&shown).unwrap();
            (attempts(&life).len() == 2).then(|| assert_same_but_for_the_attempt(before, &life))
        })
        .await;
        assert_eq!(receiver.received("/hook").iter().filter(|one| one.subject() == mail.subject()).count(), 2);
    }
    // It works on, like any other.
    let after = Mail::new("after-it-stood-still");
    standing.take(&after).await;
    standing.life(&after, "delivered").await;
}

fn attempts(life: &Value) -> &Vec<Value> {
    life["deliveries"][0]["attempts"].as_array().unwrap()
}

fn assert_same_but_for_the_attempt(before: &Value, after: &Value) {
    let stale: Vec<_> = attempts(after).iter().map(|attempt| attempt["stale"] == true).collect();
    assert_eq!(stale.iter().filter(|stale| **stale).count(), 1, "{after}");
    for field in ["state", "reason", "due_at", "ended_at"] {
        assert_eq!(before["mail"][field], after["mail"][field], "{field}");
        assert_eq!(before["deliveries"][0][field], after["deliveries"][0][field], "{field}");
    }
    assert_eq!(after["mail"]["state"], json!("delivered"));
}
