//! A Redis that lost everything while servers were running.

use super::{all_delivered, durable, get, lines, logged, server, until_ready};
use crate::harness::{Mail, Receiver, RedisServer, Server};
use serde_json::json;
use std::time::Duration;

/// By the next regular look, which is a minute away.
const NOTICED: Duration = Duration::from_secs(75);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_flushall_the_servers_go_on() {
    goes_on_without(|redis| redis.ask(&["FLUSHALL"])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_empty_restart_the_servers_go_on() {
    goes_on_without(RedisServer::lose_everything).await;
}

async fn goes_on_without(lose: impl Fn(&RedisServer)) {
    let (receiver, redis) = (Receiver::start(), durable());
    let server = server(&redis, &receiver, &[]);
    let keywords = json!({"exclude_keywords": ["qzbody perdu"]});
    server.configure("processing_prefs", &keywords);
    let excluded = |name: &str| Mail::new(name).with("body", "<p>qzbody perdu</p>");
    let before = excluded("before");
    server.take(&before).await;
    server.life(&before, "skipped").await;

    lose(&redis);
    // Whoever looks first takes nothing away from what the server says of it.
    server.operate(&["config", "recover", "--dry-run"]).ok();
    server.operate(&["mails", "list"]).ok();
    logged(&server, "store_emptied", NOTICED).await;
    until_ready(&server, Duration::from_secs(10), "ready").await;
    let new: Vec<_> = (0..5).map(|n| Mail::new(&format!("new-{n}"))).collect();
    for mail in &new {
        server.take(mail).await;
        server.life(mail, "delivered").await;
    }
    assert_eq!(lines(&server, "store_emptied"), 1, "it is said once");
    assert!(server.mails("skipped").is_empty(), "what was lost is lost");
    assert_eq!(get(&server, "/health").await.json()["status"], "ok");

    // The configuration does not come back by itself …
    assert!(!saved(&server).contains("perdu"));
    // … but when somebody says so.
    server.operate(&["config", "recover"]).ok();
    assert!(saved(&server).contains("perdu"));
    let after = excluded("after");
    server.take(&after).await;
    assert_eq!(server.life(&after, "skipped").await["mail"]["reason"], "excluded_keyword");
    let subjects: Vec<_> = new.iter().map(Mail::subject).collect();
    all_delivered(&receiver, &subjects, Duration::from_secs(1)).await;
}

fn saved(server: &Server) -> String {
    let ended = server.operate(&["config", "get", "processing_prefs"]);
    ended.stdout + &ended.stderr
}
