//! A primary, a replica and a Sentinel of the tests' own: the primary dies, the replica takes its place.

use super::server::{DURABLE, RedisServer, Watchdog};
use super::{Durability, Link, Verdict, Volatile, Waits};
use redis::Script;
use render_signal::ledger::LedgerError;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the Sentinel waits before it takes the primary for dead.
const DOWN_AFTER: Duration = Duration::from_secs(1);

struct Stage {
    primary: RedisServer,
    replica: RedisServer,
    sentinel: Child,
    port: u16,
    _folder: tempfile::TempDir,
    _watchdog: Watchdog,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.sentinel.kill();
        let _ = self.sentinel.wait();
    }
}

/// Ports that were free a moment ago.
fn ports() -> [u16; 3] {
    let taken: Vec<_> = (0..3).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    std::array::from_fn(|n| taken[n].local_addr().unwrap().port())
}

impl Stage {
    async fn set() -> Self {
        let [first, second, port] = ports();
        let on = |port: u16, more: &[&str]| {
            RedisServer::start(
                &[&[DURABLE, &["--bind", "127.0.0.1", "--port", &port.to_string()]].concat(), more].concat(),
            )
        };
        let primary = on(first, &[]);
        let replica = on(second, &["--replicaof", "127.0.0.1", &first.to_string()]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sentinel.conf");
        let settings = format!(
            "bind 127.0.0.1\nport {port}\ndir {}\nsentinel monitor main 127.0.0.1 {first} 1\n\
             sentinel down-after-milliseconds main {}\nsentinel failover-timeout main 5000\n",
            folder.path().display(),
            DOWN_AFTER.as_millis()
        );
        std::fs::write(&file, settings).unwrap();
        let sentinel = Command::new("redis-server")
            .arg(&file)
            .arg("--sentinel")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let watchdog = Watchdog::over(&sentinel, folder.path());
        let stage = Self { primary, replica, sentinel, port, _folder: folder, _watchdog: watchdog };
        stage.until_watched().await;
        stage
    }

    fn url(&self) -> String {
        format!("redis+sentinel://127.0.0.1:1,127.0.0.1:{}/main", self.port)
    }

    fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> Option<T> {
        let mut connection =
            redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap().get_connection().ok()?;
        redis::Cmd::new().arg(words).query(&mut connection).ok()
    }

    /// The Sentinel that answers is ours, and knows the replica, which has caught up.
    async fn until_watched(&self) {
        let start = Instant::now();
        loop {
            let info: String = self.ask(&["INFO"]).unwrap_or_default();
            let own = info.contains(&format!("process_id:{}\r\n", self.sentinel.id()));
            let seen = info.contains("status=ok") && info.contains("slaves=1");
            let primary: String = self.primary.ask(&["INFO", "replication"]);
            if own && seen && primary.contains("state=online") {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(30), "no Sentinel: {info}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

fn silent() -> super::Log {
    Arc::new(|_| {})
}

async fn confirm(durability: &Durability, key: &str) -> Result<(), LedgerError> {
    durability.confirm(key, durability.check()?).await
}

/// Mails go on being written while the primary is killed: each that was acknowledged is on the new one, and work goes on by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_loses_nothing_that_was_acknowledged() {
    let stage = Stage::set().await;
    let link = Link::open(&stage.url()).await.unwrap();
    let durability = Durability::start(link.clone(), "r:ss:{ledger}:", Volatile::Refused, silent());
    let first = durability.first(Duration::from_secs(5)).await;
    assert_eq!(first, Some(Verdict::ByBarrier(Waits::Replica)));
    let script = Script::new("#!lua\nreturn redis.call('HSET', KEYS[1], 'state', 'queued')");
    let take = async |n: u32| {
        let key = format!("r:ss:{{ledger}}:mail:{n}");
        let checked = durability.check().ok()?;
        link.run(&script.key(&key)).await.ok()?;
        durability.confirm(&key, checked).await.ok()?;
        Some(key)
    };
    let start = Instant::now();
    let (mut acknowledged, mut refused, mut killed, mut back) = (Vec::new(), 0, None, None);
    for n in 0.. {
        if let Some(key) = take(n).await {
            acknowledged.push(key);
            if killed.is_some() && back.is_none() {
                back = Some(Instant::now());
            }
        } else {
            refused += 1;
            sleep(Duration::from_millis(20)).await;
        }
        if killed.is_none() && acknowledged.len() >= 200 {
            stage.primary.kill();
            killed = Some(Instant::now());
        }
        if back.is_some_and(|back| back.elapsed() > Duration::from_secs(1)) {
            break;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "it does not come back");
    }
    let away = back.unwrap().duration_since(killed.unwrap());
    println!("{} acknowledged, {refused} refused, {away:?} without a primary", acknowledged.len());
    for key in &acknowledged {
        assert!(stage.replica.ask::<bool>(&["EXISTS", key]), "{key} is lost");
    }
    assert!(refused > 0 && away > DOWN_AFTER && away < DOWN_AFTER + Duration::from_secs(10), "{away:?}");
    let role: String = stage.replica.ask(&["INFO", "replication"]);
    assert!(role.contains("role:master"), "{role}");
}

/// While no replica confirms, nothing is acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_hangs_holds_the_answer_back() {
    let stage = Stage::set().await;
    let link = Link::open(&stage.url()).await.unwrap();
    let durability = Durability::start(link.clone(), "r:ss:{ledger}:", Volatile::Refused, silent());
    durability.first(Duration::from_secs(5)).await.unwrap();
    let key = "r:ss:{ledger}:mail:1";
    link.command(redis::cmd("HSET").arg(&[key, "state", "queued"])).await.unwrap();
    assert_eq!(confirm(&durability, key).await, Ok(()));
    stage.replica.freeze();
    for _ in 0..3 {
        let refused = confirm(&durability, key).await.unwrap_err();
        assert!(refused.to_string().contains("no replica"), "{refused}");
    }
    // A replica that is gone may still be made the primary for a while.
    stage.replica.thaw();
    stage.replica.kill();
    for _ in 0..3 {
        assert!(confirm(&durability, key).await.is_err());
        sleep(Duration::from_millis(500)).await;
    }
    // Nor does it help that connections to the same primary were lost meanwhile.
    let before = link.number().unwrap();
    let () = stage.primary.ask(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    let start = Instant::now();
    while durability.check().is_err() || durability.check() == Ok(before) {
        let _ = link.command(&redis::cmd("PING")).await;
        assert!(start.elapsed() < Duration::from_secs(5));
        sleep(Duration::from_millis(50)).await;
    }
    assert!(confirm(&durability, key).await.is_err(), "acknowledged without the replica");
    stage.replica.run();
    let start = Instant::now();
    while confirm(&durability, key).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(20));
        sleep(Duration::from_millis(100)).await;
    }
}

/// A Sentinel that does not know yet names the old primary, which is a replica now: it is never worked on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_never_taken_for_the_primary() {
    let stage = Stage::set().await;
    // The Sentinel sees to it that this does not last, but not at once.
    let () = stage.primary.ask(&["CONFIG", "SET", "repl-timeout", "60"]);
    let port = stage.replica.ask::<Vec<String>>(&["CONFIG", "GET", "port"])[1].clone();
    let () = stage.primary.ask(&["REPLICAOF", "127.0.0.1", &port]);
    let refused = Link::open(&stage.url()).await;
    let error = refused.expect_err("connected to a replica").to_string();
    assert!(error.contains("replica still"), "{error}");
}
