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

/// More dead places than a server has megabytes for bodies: small mails do not take a megabyte each.
#[tokio::test]
async fn a_target_stays_prompt_while_twenty_five_others_never_answer() {
    const DEAD: usize = 25;
    let receiver = Receiver::start();
    let server = Server::start(&[("WEBHOOK_URL", &receiver.target("/alive"))]);
    let rule = |n: usize| {
        json!({"id": format!("r{n}"), "name": format!("{n}"),
               "conditions": [{"field": "subject", "operator": "contains", "value": format!("[{n}]")}],
               "actions": {"webhook_url": receiver.target(&format!("/dead-{n}")), "stop_processing": true}})
    };
    server.configure("routing_rules", &json!({"rules": (0..DEAD).map(rule).collect::<Vec<_>>()}));
    server.configure("processing_prefs", &json!({"webhook_timeout_sec": 120}));
    for n in 0..DEAD {
        receiver.script(&format!("/dead-{n}"), [Reply::Silence]);
        for round in 0..4 {
            server.take(&Mail::new(&format!("[{n}] dead {round}"))).await;
        }
    }
    for n in 0..DEAD {
        receiver.at_least(&format!("/dead-{n}"), 4).await;
    }
    let start = Instant::now();
    server.take(&Mail::new("alive")).await;
    let took = receiver.at_least("/alive", 1).await[0].at - start;
    assert!(took < PROMPT, "{took:?}");
}
