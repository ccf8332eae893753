//! What 100,000 due deliveries behind a target that does not answer change for everybody else: two servers, each on a redis-server of
//! its own, one with that backlog and one without, measured in turns.

use crate::figures::{median, ms, share, spread};
use crate::load::push;
use crate::mails::Mails;
use crate::ours::Ours;
use crate::peer_sender::SECRET;
use crate::process::until;
use crate::receiver::{Payloads, Receiver};
use crate::redis_server::RedisServer;
use crate::store;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

const BACKLOG: usize = 100_000;
const ROUNDS: usize = 7;
const COUNT: usize = 500;

/// One: with more, mails would wait for the places of their target, and that would be measured.
const CONNECTIONS: usize = 1;
const BYTES: usize = 2_000;

/// A server on a store, and what was measured of it: the 90th percentile of each round, by what it is of.
struct Side {
    redis: RedisServer,
    ours: Ours,
    open: Receiver,
    closed: Receiver,
    figures: BTreeMap<&'static str, Vec<f64>>,
}

pub(crate) async fn measure(program: &Path) {
    let mut sides = [Side::start(program), Side::start(program)];
    sides[1].fill().await;
    for round in 0..=ROUNDS {
        for turn in 0..2 {
            let side = &mut sides[(round + turn) % 2];
            side.round().await;
            // The first is not counted.
            if round == 0 {
                side.figures.clear();
            }
        }
    }
    println!(
        "backlog: {ROUNDS} rounds of {COUNT} mails of {BYTES} bytes over {CONNECTIONS} connection, each delivered at once; 90th percentiles, medians (all)"
    );
    for (what, empty) in &sides[0].figures {
        let full = &sides[1].figures[what];
        println!(
            "  {what}: without {}, with {BACKLOG} due {}, ratio {:.2}",
            spread(empty, 2),
            spread(full, 2),
            median(full) / median(empty)
        );
    }
}

impl Side {
    fn start(program: &Path) -> Self {
        let redis = store::start();
        let (open, closed) = (Receiver::start(1, Payloads::All), Receiver::start(1, Payloads::One));
        let secret = format!("whsec_{SECRET}");
        let ours = Ours::start(program, &redis, &[("WEBHOOK_SECRET", &secret)]);
        ours.configure("processing_prefs", &json!({"webhook_timeout_sec": 300}));
        let rule = |word: &str, url: &str| -> Value {
            json!({
                "id": word, "name": word, "conditions": [{"field": "subject", "operator": "contains", "value": word}],
                "actions": {"webhook_url": url, "priority": "normal", "stop_processing": true},
            })
        };
        let rules = [rule("Mesure-open", &open.urls()[0]), rule("Mesure-closed", &closed.urls()[0])];
        ours.configure("routing_rules", &json!({"rules": rules}));
        Self { redis, ours, open, closed, figures: BTreeMap::new() }
    }

    /// Has a backlog made. Each write of it need not be synced: nothing is measured yet.
    async fn fill(&self) {
        self.redis.ask::<()>(&["CONFIG", "SET", "appendfsync", "no"]);
        push(self.ours.address, &Rc::new(Mails::new("Mesure-closed", 500)), BACKLOG, 32).await;
        let planned = async || (store::mails(&self.redis, "delivering") == BACKLOG).then_some(());
        until("the backlog is planned", planned).await;
        self.redis.ask::<()>(&["CONFIG", "SET", "appendfsync", "always"]);
        assert_eq!(self.closed.distinct(), 0, "nothing was answered");
    }

    async fn round(&mut self) {
        self.open.close();
        self.open.open();
        self.redis.ask::<()>(&["CONFIG", "SET", "slowlog-max-len", "200000"]);
        self.redis.ask::<()>(&["CONFIG", "SET", "slowlog-log-slower-than", "0"]);
        let pushed = push(self.ours.address, &Rc::new(Mails::new("Mesure-open", BYTES)), COUNT, CONNECTIONS).await;
        self.open.answered(COUNT).await;
        self.redis.ask::<()>(&["CONFIG", "SET", "slowlog-log-slower-than", "-1"]);
        self.keep("push to its answer, ms", &pushed.answers);
        let received: Vec<_> = self
            .open
            .payloads()
            .iter()
            .map(|(at, payload)| {
                let payload: Value = serde_json::from_slice(payload).unwrap();
                ms(at.duration_since(pushed.starts[payload["subject"].as_str().unwrap()]))
            })
            .collect();
        assert_eq!(received.len(), COUNT);
        self.keep("push to receipt, ms", &received);
        for (step, times) in steps(&self.redis) {
            self.keep(step, &times);
        }
    }

    fn keep(&mut self, what: &'static str, values: &[f64]) {
        self.figures.entry(what).or_default().push(share(values, 0.9));
    }
}

/// One entry of the slow log: number, time, microseconds, words, client, its name.
type Entry = (u64, u64, f64, Vec<String>, String, String);

/// What each step took inside Redis, in microseconds: the slow log was told to keep all. A step is known by how many words it has.
fn steps(redis: &RedisServer) -> BTreeMap<&'static str, Vec<f64>> {
    let entries: Vec<Entry> = redis.ask(&["SLOWLOG", "GET", "-1"]);
    redis.ask::<()>(&["SLOWLOG", "RESET"]);
    let mut times = BTreeMap::<_, Vec<_>>::new();
    for (_, _, micros, words, _, _) in entries {
        if !words[0].eq_ignore_ascii_case("EVALSHA") {
            continue;
        }
        let step = match words.len() {
            25 => "step admit, µs",
            12 => "step lease, µs",
            19 => "step plan, µs",
            14 => "step record, µs",
            _ => continue,
        };
        times.entry(step).or_default().push(micros);
    }
    assert_eq!(times.len(), 4, "a step is called with other words: {:?}", times.keys());
    times
}
