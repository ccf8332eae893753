use super::*;
use crate::redis::server::{DURABLE, RedisServer};
use redis::Script;
use std::time::Instant;
use tokio::time::sleep;

mod bounds;
mod outage;
mod sentinel;
mod tls;
mod wire;

fn ping() -> redis::Cmd {
    redis::cmd("PING")
}

/// Stops a process, so that its connections stay open and nothing is answered.
fn freeze(server: &RedisServer) {
    signal(server, rustix::process::Signal::STOP);
}

fn thaw(server: &RedisServer) {
    signal(server, rustix::process::Signal::CONT);
}

fn signal(server: &RedisServer, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(server.pid()).unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// How long until a call succeeds again, asked every 20 ms.
async fn recovery(link: &Link) -> Duration {
    let start = Instant::now();
    while link.command(&ping()).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(20), "it does not come back");
        sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}

/// The resident memory of this process, in KiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
