//! One target's trouble is nobody else's.

use crate::harness::{Mail, PROMPT, Receiver, Reply, Server};
use serde_json::json;
use std::time::{Duration, Instant};

const TARGETS: usize = 10;
const DEAD: usize = 4;

#[tokio::test]
async fn nine_targets_stay_prompt_while_the_tenth_never_answers() {
    let receiver = Receiver::start();
    let server = Server::start(&[]);
    let path = |n: usize| format!("/target-{n}");
    let rules: Vec<_> = (0..TARGETS)
        .map(|n| {
            json!({"id": format!("r{n}"), "name": format!("{n}"),
                   "conditions": [{"field": "subject", "operator": "contains", "value": format!("[{n}]")}],
                   "actions": {"webhook_url": receiver.target(&path(n)), "stop_processing": true}})
        })
        .collect();
    server.configure("routing_rules", &json!({"rules": rules}));
    server.configure("processing_prefs", &json!({"webhook_timeout_sec": 120}));
    receiver.script(&path(DEAD), [Reply::Silence]);
    for n in 0..20 {
        server.take(&Mail::new(&format!("[{DEAD}] dead {n}"))).await;
    }
    // It holds as many places as one target may, and no more.
    receiver.at_least(&path(DEAD), 4).await;

    let mut slowest = Duration::ZERO;
    for round in 0..3 {
        for n in (0..TARGETS).filter(|n| *n != DEAD) {
            let start = Instant::now();
            server.take(&Mail::new(&format!("[{n}] alive {round}"))).await;
            let received = receiver.at_least(&path(n), round + 1).await;
            slowest = slowest.max(received[round].at - start);
        }
    }
    println!("isolation: slowest {slowest:?}");
    assert!(slowest < PROMPT, "{slowest:?}");
    assert_eq!(receiver.count(&path(DEAD)), 4, "the dead one still holds its four places");
}
