use super::*;
use crate::redis::server::{DURABLE, EVERYSEC, RedisServer};
use futures_util::future::join_all;
use redis::Script;
use std::sync::Mutex;

mod ledger;

const PREFIX: &str = "r:ss:{ledger}:";

fn silent() -> Log {
    Arc::new(|_| {})
}

async fn guard(server: &RedisServer, volatile: Volatile) -> (Link, Durability) {
    let link = Link::open(&server.url()).await.unwrap();
    let durability = Durability::start(link.clone(), PREFIX, volatile, silent());
    durability.first(Duration::from_secs(5)).await.expect("a verdict");
    (link, durability)
}

/// Writes a mail as a step would.
async fn write(link: &Link, n: u32) -> String {
    let key = format!("{PREFIX}mail:{n}");
    link.run(&Script::new("#!lua\nreturn redis.call('HSET', KEYS[1], 'state', 'queued')").key(&key)).await.unwrap();
    key
}

/// What a mail goes through that is written at once.
async fn confirm(durability: &Durability, key: &str) -> Result<(), LedgerError> {
    durability.confirm(key, durability.check()?).await
}

/// How often a command was called.
fn calls(server: &RedisServer, command: &str) -> u64 {
    let stats: String = server.ask(&["INFO", "commandstats"]);
    let line = stats.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls="))).unwrap_or("0");
    line.split(',').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn real_servers_are_judged() {
    let lost = Verdict::NotDurable;
    let evicts = |policy: &str| lost(Weakness::Evicts(Some(policy.to_owned())));
    let rows: [(&[&str], Verdict); 7] = [
        (DURABLE, Verdict::Full),
        (EVERYSEC, lost(Weakness::SyncedLater)),
        (&[DURABLE, &["--no-appendfsync-on-rewrite", "yes"]].concat(), lost(Weakness::SyncPaused)),
        (&["--appendonly", "yes", "--appendfsync", "no"], lost(Weakness::NeverSynced)),
        (&["--appendonly", "no"], lost(Weakness::NoLog)),
        (&["--appendonly", "yes", "--maxmemory", "50mb", "--maxmemory-policy", "allkeys-lru"], evicts("allkeys-lru")),
        (&["--appendonly", "yes", "--replicaof", "127.0.0.1", "1"], lost(Weakness::Replica)),
    ];
    for (settings, expected) in rows {
        let server = RedisServer::without_waitaof(settings);
        let (_link, durability) = guard(&server, Volatile::Refused).await;
        assert_eq!(durability.first(Duration::ZERO).await, Some(expected.clone()), "{settings:?}");
        match expected {
            Verdict::NotDurable(weakness) => {
                let refused = durability.check().unwrap_err();
                assert_eq!(refused, LedgerError::NotDurable(weakness.to_string()), "{settings:?}");
                assert_eq!(refused.code(), "store_not_durable");
            }
            Verdict::Full | Verdict::ByBarrier(_) => assert!(durability.check().is_ok()),
        }
        let promise = if durability.check().is_ok() { Promise::Kept } else { Promise::Broken };
        assert_eq!(durability.promise(), promise, "{settings:?}");
    }
}

/// The user may not ask how the log is synced: then each mail is waited for, where that is possible.
#[tokio::test]
async fn what_may_not_be_asked_is_waited_for() {
    let Some(server) = RedisServer::with_waitaof(DURABLE) else { return };
    let () = server.ask(&["ACL", "SETUSER", "default", "-config"]);
    let (_link, durability) = guard(&server, Volatile::Refused).await;
    assert_eq!(durability.first(Duration::ZERO).await, Some(Verdict::ByBarrier(Waits::Disk)));
    let server = RedisServer::without_waitaof(DURABLE);
    let () = server.ask(&["ACL", "SETUSER", "default", "-config"]);
    let (_link, durability) = guard(&server, Volatile::Refused).await;
    assert_eq!(durability.first(Duration::ZERO).await, Some(Verdict::NotDurable(Weakness::SyncUnknown)));
}

#[tokio::test]
async fn mails_that_come_together_wait_together() {
    let Some(server) = RedisServer::with_waitaof(EVERYSEC) else { return };
    let (link, durability) = guard(&server, Volatile::Refused).await;
    let looks = calls(&server, "waitaof");
    let start = Instant::now();
    let mails = (0..300).map(|n| {
        let (link, durability) = (&link, &durability);
        async move { confirm(durability, &write(link, n).await).await }
    });
    let confirmed = join_all(mails).await;
    let (waits, took) = (calls(&server, "waitaof") - looks, start.elapsed());
    println!("300 mails: {waits} times WAITAOF, {took:?}");
    assert!(confirmed.iter().all(Result::is_ok), "{confirmed:?}");
    assert!((1..=8).contains(&waits), "{waits}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn a_mail_that_a_failover_lost_is_not_acknowledged_and_the_others_are() {
    let Some(server) = RedisServer::with_waitaof(EVERYSEC) else { return };
    let (link, durability) = guard(&server, Volatile::Refused).await;
    let there = write(&link, 1).await;
    let gone = format!("{PREFIX}mail:2");
    let (one, two, three) =
        tokio::join!(confirm(&durability, &there), confirm(&durability, &gone), confirm(&durability, &there));
    assert_eq!((one, three), (Ok(()), Ok(())));
    assert!(matches!(two, Err(LedgerError::Unavailable(cause)) if cause.contains("failover")));
}

/// Nothing is waited for where the answer is proof enough.
#[tokio::test]
async fn a_log_that_is_always_synced_needs_no_wait() {
    let Some(server) = RedisServer::with_waitaof(DURABLE) else { return };
    let (link, durability) = guard(&server, Volatile::Refused).await;
    let looks = calls(&server, "waitaof");
    let key = write(&link, 1).await;
    assert_eq!(confirm(&durability, &key).await, Ok(()));
    assert_eq!(calls(&server, "waitaof"), looks);
}

/// While the disk's answer is held back, no mail is acknowledged.
#[tokio::test]
async fn a_frozen_server_confirms_nothing_and_the_next_mail_passes_again() {
    let Some(server) = RedisServer::with_waitaof(EVERYSEC) else { return };
    let (link, durability) = guard(&server, Volatile::Refused).await;
    let key = write(&link, 1).await;
    server.freeze();
    let start = Instant::now();
    assert!(matches!(confirm(&durability, &key).await, Err(LedgerError::Unavailable(_))));
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
    server.thaw();
    let start = Instant::now();
    while confirm(&durability, &key).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_change_is_seen_after_a_reconnection_and_told_once() {
    let lines: Arc<Mutex<Vec<Line>>> = Arc::default();
    let log: Log = Arc::new({
        let lines = Arc::clone(&lines);
        move |line| lines.lock().unwrap().push(line)
    });
    let server = RedisServer::without_waitaof(DURABLE);
    let link = Link::open(&server.url()).await.unwrap();
    let durability = Durability::start(link.clone(), PREFIX, Volatile::Allowed, log);
    durability.first(Duration::from_secs(5)).await.unwrap();
    for (policy, promise) in [("allkeys-lru", Promise::Waived), ("noeviction", Promise::Kept)] {
        let () = server.ask(&["CONFIG", "SET", "maxmemory-policy", policy]);
        for _ in 0..2 {
            let _ = link.command(redis::cmd("CLIENT").arg(&["KILL", "TYPE", "normal", "SKIPME", "no"])).await;
            let start = Instant::now();
            while durability.promise() != promise {
                assert!(start.elapsed() < Duration::from_secs(5), "{policy}");
                let _ = link.command(&redis::cmd("PING")).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    let lines: Vec<_> = lines.lock().unwrap().iter().map(|line| (line.level, line.code, line.msg.clone())).collect();
    let told: Vec<_> = lines.iter().map(|(level, code, _)| (*level, *code)).collect();
    let expected = [(Level::Info, "store_durable"), (Level::Warn, "store_not_durable"), (Level::Info, "store_durable")];
    assert_eq!(told, expected, "{lines:#?}");
    assert!(lines[1].2.contains("allkeys-lru") && lines[1].2.contains("set maxmemory-policy noeviction"), "{lines:#?}");
}

/// A verdict is one on the server that was looked at, not on the next one.
#[tokio::test]
async fn a_verdict_on_other_connections_is_none() {
    let server = RedisServer::start(DURABLE);
    let link = Link::open(&server.url()).await.unwrap();
    let with = |number| {
        let barrier = Barrier::start(link.clone(), format!("{PREFIX}barrier"));
        let known = Arc::new(watch::Sender::new(Some(Known { number, verdict: Verdict::Full })));
        let (again, watcher) = (Arc::default(), tokio::spawn(async {}));
        Durability(Arc::new(Kept { link: link.clone(), known, volatile: Volatile::Refused, barrier, again, watcher }))
    };
    let number = link.number().unwrap();
    assert_eq!(with(number).check(), Ok(number));
    let other = with(number + 1);
    assert!(matches!(other.check(), Err(LedgerError::Unavailable(_))) && other.confirm("any", number).await.is_err());
    assert_eq!(other.promise(), Promise::Unknown);
}

/// What was written before a reconnection may be on a server that does not count any more: a failover to a primary without
/// replicas, which is judged `Full`, says nothing of it.
#[tokio::test]
async fn a_mail_of_before_a_reconnection_is_not_acknowledged() {
    let server = RedisServer::start(DURABLE);
    let (link, durability) = guard(&server, Volatile::Refused).await;
    let checked = durability.check().unwrap();
    let _ = link.command(redis::cmd("CLIENT").arg(&["KILL", "TYPE", "normal", "SKIPME", "no"])).await;
    let start = Instant::now();
    while durability.check().is_ok_and(|number| number == checked) || durability.check().is_err() {
        assert!(start.elapsed() < Duration::from_secs(5));
        let _ = link.command(&redis::cmd("PING")).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let refused = durability.confirm("written to the server of before", checked).await;
    assert!(matches!(&refused, Err(LedgerError::Unavailable(cause)) if cause.contains("anew")), "{refused:?}");
    assert_eq!(confirm(&durability, &write(&link, 1).await).await, Ok(()));
}

/// A log that is switched on counts once its first copy is whole: a server that ends before has none.
#[tokio::test]
async fn a_log_that_is_being_made_is_none_yet() {
    let server =
        RedisServer::without_waitaof(&[DURABLE, &["--appendonly", "no", "--enable-debug-command", "local"]].concat());
    let () = server.ask(&["DEBUG", "POPULATE", "20000"]);
    let () = server.ask(&["CONFIG", "SET", "rdb-key-save-delay", "1000"]);
    let () = server.ask(&["CONFIG", "SET", "appendonly", "yes"]);
    let (_link, durability) = guard(&server, Volatile::Refused).await;
    assert_eq!(durability.first(Duration::ZERO).await, Some(Verdict::NotDurable(Weakness::LogBegun)));
    let () = server.ask(&["CONFIG", "SET", "rdb-key-save-delay", "0"]);
}
