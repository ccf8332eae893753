//! A server that is killed in the middle of its work, beside another on the same Redis.

use super::load::Load;
use super::{DONE, LEASE, UNDER_WAY, all_delivered, durable, server};
use crate::harness::{Gate, Home as _, Mail, Receiver, Reply, Server, within};
use serde_json::json;
use std::time::Instant;

/// As many as one target takes at once.
const HELD: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_server_takes_over_within_a_lease() {
    let (receiver, redis) = (Receiver::start(), durable());
    let one = super::native(&redis, &receiver, &[]);
    let killed = Server::on(one.clone());
    let rule = json!({"id": "held", "name": "Held", "conditions": [{"field": "subject", "operator": "contains", "value": "held"}],
                      "actions": {"webhook_url": receiver.target("/held"), "priority": "normal", "stop_processing": true}});
    killed.configure("routing_rules", &json!({"rules": [rule]}));
    killed.configure("processing_prefs", &json!({"webhook_timeout_sec": 60}));
    // The first server holds what this receiver does not answer …
    receiver.script("/held", [Reply::status(200).behind(&Gate::closed())]);
    let held: Vec<_> = (0..HELD).map(|n| Mail::new(&format!("held-{n}"))).collect();
    for mail in &held {
        killed.take(mail).await;
    }
    receiver.at_least("/held", HELD).await;
    // … and shares the load with the second.
    let other = server(&redis, &receiver, &[]);
    let load = Load::start("takeover", 8, &[killed.base(), other.base()], 0);
    within(UNDER_WAY, "both work", || (load.taken() >= 100 && receiver.count("/hook") >= 60).then_some(())).await;
    receiver.script("/held", [Reply::status(200)]);
    one.kill();
    let start = Instant::now();
    within(LEASE, "the other takes over", || (receiver.count("/held") >= 2 * HELD).then_some(())).await;
    println!("taken over after {:?}", start.elapsed());
    let acknowledged = load.stop().await;
    all_delivered(&receiver, &acknowledged, DONE).await;
    for mail in &held {
        other.life(mail, "delivered").await;
        let requests: Vec<_> =
            receiver.received("/held").into_iter().filter(|one| one.subject() == mail.subject()).collect();
        assert_eq!(requests.len(), 2, "{}: once by each server", mail.subject());
        assert_eq!((requests[0].id(), &requests[0].body), (requests[1].id(), &requests[1].body));
    }
}
