//! The user of docs/operations.md: everything runs under its rights, and nothing else does.

use super::ledger::tests::home::Home;
use super::server::{DURABLE, EVERYSEC, RedisServer};
use super::{Durability, Link, LinkError, Verdict, Volatile, Waits};
use futures_util::StreamExt as _;
use render_signal::contract::suite;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The words of the command that the page shows.
fn documented() -> Vec<String> {
    let page = include_str!("../../../../docs/operations.md");
    let line = page.lines().find(|line| line.starts_with("ACL SETUSER ")).expect("the page shows the user");
    line.split(' ').map(|word| word.replace("PASSWORD", "s3cret")).collect()
}

/// Makes the user, with more rights if need be, and gives the way in as that user.
fn admit(server: &RedisServer, more: &[&str], protocol: &str) -> String {
    let words = documented();
    let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
    let () = server.ask(&words);
    format!("{}?user=render-signal&pass=s3cret&protocol={protocol}", server.url())
}

/// The whole contract, each mail guarded as in a running server.
async fn contract(server: &RedisServer, more: &[&str], protocols: &[&str], expected: Verdict) {
    for protocol in protocols {
        let link = Link::open(&admit(server, more, protocol)).await.unwrap();
        let guard = Durability::start(link.clone(), "r:ss:{ledger}:", Volatile::Refused, Arc::new(|_| {}));
        assert_eq!(guard.first(Duration::from_secs(5)).await.as_ref(), Some(&expected), "{protocol}");
        let homes = AtomicU32::new(0);
        suite(async |_| {
            let number = homes.fetch_add(1, Ordering::Relaxed);
            let mut home = Home::under(&format!("r:ss:{protocol}{number}:"), link.clone()).await;
            home.ledger = home.ledger.guarded(guard.clone());
            home
        })
        .await;
    }
}

#[tokio::test]
async fn everything_runs_under_the_documented_user() {
    let server = RedisServer::without_waitaof(DURABLE);
    contract(&server, &["+config|get"], &["resp2"], Verdict::Full).await;
}

#[tokio::test]
async fn everything_runs_under_the_documented_user_with_waitaof() {
    let Some(server) = RedisServer::with_waitaof(EVERYSEC) else { return };
    contract(&server, &[], &["resp2", "resp3"], Verdict::ByBarrier(Waits::Disk)).await;
}

#[tokio::test]
async fn the_documented_user_may_do_nothing_else() {
    let server = RedisServer::start(DURABLE);
    let link = Link::open(&admit(&server, &[], "resp2")).await.unwrap();
    for words in [
        &["FLUSHALL"][..],
        &["FLUSHDB"],
        &["KEYS", "*"],
        &["CONFIG", "GET", "appendfsync"],
        &["DEBUG", "SLEEP", "0"],
        &["SHUTDOWN"],
        &["ACL", "LIST"],
        &["CLIENT", "KILL", "TYPE", "normal"],
        &["EVAL", "return 1", "0"],
        &["SCRIPT", "FLUSH"],
        &["GET", "other:key"],
        &["SET", "other:key", "1"],
        &["PUBLISH", "other:channel", "1"],
    ] {
        let judged: redis::Value = server.ask(&[&["ACL", "DRYRUN", "render-signal"], words].concat());
        assert!(format!("{judged:?}").contains("permissions"), "{words:?}: {judged:?}");
    }
    let refused = link.command(redis::cmd("KEYS").arg("*")).await;
    assert!(matches!(refused, Err(LinkError::Refused(_))), "{refused:?}");
    // The lock of the seeds, and the channel of nudges.
    for words in
        [&["SET", "render_signal:poller_lock", "1", "NX", "PX", "1000"][..], &["PUBLISH", "r:ss:{ledger}:nudge", "1"]]
    {
        assert!(link.command(redis::Cmd::new().arg(words)).await.is_ok(), "{words:?}");
    }
    let mut listener = link.client().unwrap().get_async_pubsub().await.unwrap();
    listener.subscribe("r:ss:{ledger}:nudge").await.unwrap();
    link.command(redis::cmd("PUBLISH").arg(&["r:ss:{ledger}:nudge", "2"])).await.unwrap();
    assert_eq!(listener.on_message().next().await.unwrap().get_payload::<u32>(), Ok(2));
}
