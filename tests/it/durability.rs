//! No mail that was said yes to is lost when a server is killed and comes back. Kills in the middle of a load: `native::kills`, and
//! `tests/worker` for the Worker.

use crate::harness::{Gate, Mail, Reply, eventually, one_default_target, quick_retries};
use std::collections::{BTreeMap, BTreeSet};

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
