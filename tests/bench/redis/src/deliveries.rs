//! Deliveries a second, against a loop that signs and posts as many bytes to the same receiver and keeps nothing.
//!
//! While the receiver does not answer, the mails are pushed and planned: a backlog of due deliveries behind full caps. Then it opens,
//! and the time runs until each of them has come. The loop too is stopped at the closed gate before its time runs.

use crate::figures::{median, per_second, spread};
use crate::load::push;
use crate::mails::Mails;
use crate::ours::Ours;
use crate::peer_sender::{PER_TARGET, SECRET};
use crate::process::{Process, cpu, until};
use crate::receiver::{Payloads, Receiver};
use crate::redis_server::RedisServer;
use crate::store;
use serde_json::{Value, json};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const TARGETS: usize = 8;
const COUNT: usize = 4_000;
const BYTES: usize = 2_000;

/// How long the receiver takes over each request, in milliseconds: nothing, as no receiver does, and as one over the Internet does.
const ANSWER_TIMES: [u64; 3] = [0, 10, 50];

/// What one round took.
struct Round {
    rate: f64,
    /// Processor time of a delivery, in milliseconds: the sender's, and the redis-server's.
    cpu: f64,
    redis: f64,
}

pub(crate) async fn measure(program: &Path) {
    let redis = store::start();
    let receiver = Receiver::start(TARGETS, Payloads::One);
    let secret = format!("whsec_{SECRET}");
    let ours = Ours::start(program, &redis, &[("WEBHOOK_SECRET", &secret)]);
    ours.configure("processing_prefs", &json!({"webhook_timeout_sec": 120}));
    ours.configure("routing_rules", &rules(&receiver.urls()));
    let folder = tempfile::tempdir().unwrap();
    let payload = folder.path().join("payload");
    println!(
        "deliveries: {ROUNDS} rounds of {COUNT} to {TARGETS} targets, {PER_TARGET} under way for each, medians (all)"
    );
    for answer_time in ANSWER_TIMES {
        receiver.answer_after(answer_time);
        in_turns(&ours, &redis, &receiver, &payload, answer_time).await;
    }
}

async fn in_turns(ours: &Ours, redis: &RedisServer, receiver: &Receiver, payload: &Path, answer_time: u64) {
    let (mut of_ours, mut of_peer) = (Vec::new(), Vec::new());
    // The first of each is not counted.
    for round in 0..=ROUNDS {
        let first = round % 2 == 0;
        if first {
            of_ours.push(ours_once(ours, redis, receiver, payload).await);
        }
        of_peer.push(peer_once(redis, receiver, payload).await);
        if !first {
            of_ours.push(ours_once(ours, redis, receiver, payload).await);
        }
    }
    let bytes = std::fs::metadata(payload).unwrap().len();
    println!(" payloads of {bytes} bytes, answered after {answer_time} ms");
    let (ours, peer) = (say("ours", &of_ours[1..]), say("the loop", &of_peer[1..]));
    let ratios: Vec<_> = of_ours[1..].iter().zip(&of_peer[1..]).map(|(ours, peer)| ours.rate / peer.rate).collect();
    println!("  ratio of the medians {:.2}; of each pair of rounds {}", ours / peer, spread(&ratios, 2));
}

/// A rule for each target, by the first word of the subject.
fn rules(urls: &[String]) -> Value {
    let rule = |(place, url): (usize, &String)| {
        json!({
            "id": format!("to-{place}"), "name": format!("To {place}"),
            "conditions": [{"field": "subject", "operator": "contains", "value": word(place)}],
            "actions": {"webhook_url": url, "priority": "normal", "stop_processing": true},
        })
    };
    json!({"rules": urls.iter().enumerate().map(rule).collect::<Vec<_>>()})
}

fn word(place: usize) -> String {
    format!("Lot-{place}-fin")
}

async fn ours_once(ours: &Ours, redis: &RedisServer, receiver: &Receiver, payload: &Path) -> Round {
    let before = store::mails(redis, "delivered");
    receiver.close();
    for place in 0..TARGETS {
        push(ours.address, &Rc::new(Mails::new(&word(place), BYTES)), COUNT / TARGETS, 8).await;
    }
    until("all are planned", async || (store::mails(redis, "delivering") == COUNT).then_some(())).await;
    let round = drain(ours.pid(), redis, receiver).await;
    until("all are on record", async || (store::mails(redis, "delivered") == before + COUNT).then_some(())).await;
    std::fs::write(payload, &receiver.payloads()[0].1).unwrap();
    round
}

async fn peer_once(redis: &RedisServer, receiver: &Receiver, payload: &Path) -> Round {
    receiver.close();
    let count = COUNT.to_string();
    let urls = receiver.urls();
    let mut arguments = vec!["peer-sender", &count, payload.to_str().unwrap()];
    arguments.extend(urls.iter().map(String::as_str));
    let peer = Process::peer(&arguments);
    // Until it stands at the gate.
    tokio::time::sleep(Duration::from_millis(500)).await;
    drain(peer.pid(), redis, receiver).await
}

/// Opens the gate and waits for the last.
async fn drain(sender: u32, redis: &RedisServer, receiver: &Receiver) -> Round {
    let before = (cpu(sender), cpu(redis.pid()));
    let start = Instant::now();
    receiver.open();
    receiver.answered(COUNT).await;
    let time = start.elapsed();
    assert_eq!(receiver.distinct(), COUNT, "each came once");
    #[allow(clippy::cast_precision_loss)]
    let each = |time: Duration| time.as_secs_f64() * 1000.0 / COUNT as f64;
    Round { rate: per_second(COUNT, time), cpu: each(cpu(sender) - before.0), redis: each(cpu(redis.pid()) - before.1) }
}

fn say(name: &str, rounds: &[Round]) -> f64 {
    let of = |figure: fn(&Round) -> f64| rounds.iter().map(figure).collect::<Vec<_>>();
    println!(
        "  {name}: {} a second; processor {:.3} ms a delivery, redis-server {:.3} ms",
        spread(&of(|round| round.rate), 0),
        median(&of(|round| round.cpu)),
        median(&of(|round| round.redis)),
    );
    median(&of(|round| round.rate))
}
