use super::*;
use crate::redis::server::{DURABLE, RedisServer};
use redis::Script;
use tokio::time::{Instant, sleep};

mod bounds;
mod outage;
mod tls;
mod wire;

fn ping() -> redis::Cmd {
    redis::cmd("PING")
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
