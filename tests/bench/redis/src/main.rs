//! The native server on Redis, measured against the least that could stand in its place, in one run and on one redis-server of its own.
//!
//! `bench-redis PROGRAM NAME…`: the server's release binary, and which of `accepts`, `deliveries`, `idle` and `backlog` to run.
//! `scripts/bench redis` calls it. The peers are this program again, as processes of their own: `bench-redis peer-…`.
#![allow(clippy::disallowed_methods, reason = "it waits by the system's clock")]

mod accepts;
mod backlog;
mod deliveries;
mod figures;
mod idle;
mod load;
mod mails;
mod ours;
mod peer_handler;
mod peer_sender;
mod process;
mod receiver;
#[allow(unreachable_pub, reason = "the black-box suite's own")]
#[path = "../../../it/harness/redis_server.rs"]
mod redis_server;
mod store;

use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["peer-handler", redis] => process::many_threads(peer_handler::serve(redis)),
        ["peer-sender", count, urls @ ..] => process::many_threads(peer_sender::send(count.parse().unwrap(), urls)),
        [program, names @ ..] if !names.is_empty() => {
            let program = Path::new(program).canonicalize().unwrap();
            for name in names {
                // The load, on one thread: what it takes of the cores it takes from both sides.
                process::one_thread(run(&program, name));
            }
        }
        _ => panic!("bench-redis PROGRAM accepts|deliveries|idle|backlog…"),
    }
}

async fn run(program: &Path, name: &str) {
    match name {
        "accepts" => accepts::measure(program).await,
        "deliveries" => deliveries::measure(program).await,
        "idle" => idle::measure(program).await,
        "backlog" => backlog::measure(program).await,
        other => panic!("no benchmark {other}"),
    }
}
