//! What an idle server asks of Redis: the commands that its connections send in a minute, read off `MONITOR`. What a script does
//! inside Redis is counted apart: it crosses no network.

use crate::load::push;
use crate::mails::Mails;
use crate::ours::Ours;
use crate::redis_server::RedisServer;
use crate::store;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::{Instant, timeout_at};

const MINUTE: Duration = Duration::from_mins(1);

/// What is still under way from before.
const SETTLING: Duration = Duration::from_secs(10);

pub(crate) async fn measure(program: &Path) {
    let redis = store::start();
    let mut servers = Vec::new();
    for count in 1..=2 {
        servers.push(Ours::start(program, &redis, &[]));
        for server in &servers {
            push(server.address, &Rc::new(Mails::new("Mesure", 100)), 10, 1).await;
        }
        tokio::time::sleep(SETTLING).await;
        let (sent, inside) = watch(&redis).await;
        let all: usize = sent.values().sum();
        #[allow(clippy::cast_precision_loss)]
        let rate = all as f64 / MINUTE.as_secs_f64() / f64::from(count);
        println!(
            "idle, {count} server(s): {rate:.2} commands a second for each, in a minute {sent:?}; inside scripts {inside}"
        );
    }
}

/// The commands of a minute by name, and how many more ran inside scripts.
async fn watch(redis: &RedisServer) -> (BTreeMap<String, usize>, usize) {
    let mut stream = BufReader::new(UnixStream::connect(redis.socket()).await.unwrap());
    stream.write_all(b"MONITOR\r\n").await.unwrap();
    let (mut sent, mut inside) = (BTreeMap::new(), 0);
    let end = Instant::now() + MINUTE;
    loop {
        let mut line = String::new();
        let Ok(read) = timeout_at(end, stream.read_line(&mut line)).await else { return (sent, inside) };
        assert!(read.unwrap() > 0, "MONITOR ended");
        // +1700000000.000000 [0 unix:/…/redis.sock] "EVALSHA" …
        let Some((_, rest)) = line.split_once(" [0 ") else { continue };
        let (from, command) = rest.split_once("] ").unwrap();
        if from == "lua" {
            inside += 1;
        } else {
            let name = command.split('"').nth(1).unwrap_or_default().to_lowercase();
            *sent.entry(name).or_default() += 1;
        }
    }
}
