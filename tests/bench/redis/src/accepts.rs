//! Mails taken a second, against a handler that writes each once and as durably to the same redis-server.
//!
//! The mails have no target (`no_links`): nothing is sent, but each also costs its decision, which runs beside.

use crate::figures::{median, per_second, share, spread};
use crate::load::{Pushed, push};
use crate::mails::Mails;
use crate::ours::Ours;
use crate::process::{Process, cpu, until};
use crate::redis_server::RedisServer;
use crate::store;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const BYTES: usize = 2_000;

/// Connections at once, and mails a round over them.
const LOADS: [(usize, usize); 3] = [(1, 500), (8, 2_000), (32, 4_000)];

/// One side of the measure.
struct Side {
    name: &'static str,
    address: SocketAddr,
    pid: u32,
    rounds: Vec<Round>,
}

struct Round {
    pushed: Pushed,
    /// Until nothing was left to do.
    whole: Duration,
    cpu: f64,
    redis: f64,
}

pub(crate) async fn measure(program: &Path) {
    let redis = store::start();
    let ours = Ours::start(program, &redis, &[]);
    let mut peer = Process::peer(&["peer-handler", &redis.url()]);
    let peer_address = peer.told_after(" listens on http://").parse().unwrap();
    let side = |name, address, pid| Side { name, address, pid, rounds: Vec::new() };
    let mut sides = [side("ours", ours.address, ours.pid()), side("the peer", peer_address, peer.pid())];
    println!("accepts: {ROUNDS} rounds, mails of {BYTES} bytes, medians (all)");
    for (connections, count) in LOADS {
        in_turns(&mut sides, &redis, connections, count).await;
    }
}

async fn in_turns(sides: &mut [Side; 2], redis: &RedisServer, connections: usize, count: usize) {
    for side in &mut *sides {
        side.round(redis, connections, count / 4).await;
        side.rounds.clear();
    }
    for round in 0..ROUNDS {
        // In turns, and each first as often as last.
        for turn in 0..2 {
            sides[(round + turn) % 2].round(redis, connections, count).await;
        }
    }
    println!(" {count} mails a round over {connections} connection(s)");
    sides.iter().for_each(Side::say);
    let ratios: Vec<_> =
        sides[0].rounds.iter().zip(&sides[1].rounds).map(|(ours, peer)| ours.rate() / peer.rate()).collect();
    println!(
        "  ratio of the medians {:.2}; of each pair of rounds {}",
        sides[0].rate() / sides[1].rate(),
        spread(&ratios, 2)
    );
}

impl Side {
    async fn round(&mut self, redis: &RedisServer, connections: usize, count: usize) {
        let before = (cpu(self.pid), cpu(redis.pid()));
        let start = Instant::now();
        let pushed = push(self.address, &Rc::new(Mails::new("Mesure", BYTES)), count, connections).await;
        until("every mail is decided", async || (store::mails(redis, "queued") == 0).then_some(())).await;
        #[allow(clippy::cast_precision_loss)]
        let each = |time: Duration| time.as_secs_f64() * 1000.0 / count as f64;
        let whole = start.elapsed();
        let (cpu, redis) = (each(cpu(self.pid) - before.0), each(cpu(redis.pid()) - before.1));
        self.rounds.push(Round { pushed, whole, cpu, redis });
    }

    fn of(&self, figure: impl Fn(&Round) -> f64) -> Vec<f64> {
        self.rounds.iter().map(figure).collect()
    }

    fn rate(&self) -> f64 {
        median(&self.of(Round::rate))
    }

    fn say(&self) {
        println!(
            "  {}: {} a second; answers p50 {:.1} ms, p99 {:.1} ms; with all that is left to do {:.0} a second; processor {:.3} ms a mail, redis-server {:.3} ms",
            self.name,
            spread(&self.of(Round::rate), 0),
            median(&self.of(|round| share(&round.pushed.answers, 0.5))),
            median(&self.of(|round| share(&round.pushed.answers, 0.99))),
            median(&self.of(|round| per_second(round.pushed.answers.len(), round.whole))),
            median(&self.of(|round| round.cpu)),
            median(&self.of(|round| round.redis)),
        );
    }
}

impl Round {
    fn rate(&self) -> f64 {
        per_second(self.pushed.answers.len(), self.pushed.time)
    }
}
