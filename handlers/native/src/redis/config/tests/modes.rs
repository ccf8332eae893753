//! Two stores of documents: where is written, and what is read while one of them does not answer.

use super::backend::{Backend, Mood, loopback};
use super::subject::{PREFIX, Time, authors_in, link, plain, raw, read, server, write};
use crate::fetch::Sender;
use crate::names::SystemNames;
use crate::redis::RedisConfig;
use crate::redis::config::LocalCopy;
use crate::redis::server::RedisServer;
use render_signal::config::DocumentKey::{RoutingRules, RuntimeFlags, WebhookConfig};
use render_signal::config::settings::{DocumentStore, ExternalBackend, Primary};
use render_signal::delivery::{Loopback, UrlPolicy};
use render_signal::ports::{ConfigError, ConfigStore as _, Origin};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(super) async fn open(server: &RedisServer, primary: Primary, time: &Time, policy: UrlPolicy) -> RedisConfig {
    let sender = Sender::new(SystemNames::from_system().unwrap(), policy.loopback).unwrap();
    let store = DocumentStore { prefix: PREFIX.to_owned(), primary };
    RedisConfig::of(&store, link(server).await, time.store_time(), sender, policy)
}

async fn redis_first(server: &RedisServer, backend: &Backend) -> RedisConfig {
    open(server, Primary::Redis(Some(backend.settings())), &Time::new(), loopback()).await
}

async fn php_first(server: &RedisServer, backend: &Backend) -> RedisConfig {
    open(server, Primary::External(backend.settings()), &Time::new(), loopback()).await
}

fn unavailable<T>(outcome: Result<T, ConfigError>) -> String {
    match outcome {
        Err(ConfigError::Unavailable(why)) => why,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was done"),
    }
}

fn is_copy(origin: &Origin) -> bool {
    matches!(origin, Origin::Copy { .. })
}

#[tokio::test]
async fn redis_first_reads_the_backend_only_while_redis_is_away_and_never_writes_it() {
    let (server, backend) = (server(), Backend::start().await);
    let config = redis_first(&server, &backend).await;
    backend.set("webhook_config", json!({"n": 1}));
    write(&config, RoutingRules, json!({"rules": []}), Some(0)).await.unwrap();
    let loaded = config.load().await.unwrap();
    assert_eq!(
        (loaded.documents.len(), &loaded.origin),
        (1, &Origin::Primary),
        "what Redis does not have is not there"
    );
    assert_eq!(backend.requests(), [""; 0]);

    server.kill();
    let loaded = config.load().await.unwrap();
    assert!(is_copy(&loaded.origin) && loaded.version == 0);
    assert_eq!((loaded.documents.len(), &loaded.documents[0].value), (1, &json!({"n": 1})));
    unavailable(write(&config, WebhookConfig, json!({}), None).await);
    assert!(backend.requests().iter().all(|request| request.starts_with("GET")), "a write never falls");

    backend.be(Mood::Refusing(500, "down"));
    let why = unavailable(config.load().await);
    assert!(why.contains("Redis") && why.contains("backend"), "{why}");
    server.run();
    let loaded = redis_first(&server, &backend).await.load().await.unwrap();
    assert_eq!((&loaded.origin, loaded.documents[0].key), (&Origin::Primary, RoutingRules));
}

#[tokio::test]
async fn php_first_writes_the_backend_and_keeps_the_versions_in_redis() {
    let (server, backend) = (server(), Backend::start().await);
    let (config, redis) = (php_first(&server, &backend).await, link(&server).await);
    let value = json!({"é": {}, "list": [{"x": {}}], "n": 1.5});
    let written = write(&config, WebhookConfig, value.clone(), Some(0)).await.unwrap();
    assert_eq!((written.version, written.author.as_str()), (1, "a person"));
    assert_eq!(backend.get("webhook_config").unwrap()["é"], json!([]), "PHP made a list of it");
    let version = config.load().await.unwrap().version;
    let document = read(&config, WebhookConfig).await.unwrap();
    assert_eq!((document.version, document.value), (1, value), "that is no change, and is mended");
    assert_eq!(config.load().await.unwrap().version, version);
    assert_eq!(raw::<Option<String>>(&redis, &[b"GET", plain(WebhookConfig).as_bytes()]).await, None);

    backend.set("webhook_config", json!({"n": 2}));
    let document = read(&config, WebhookConfig).await.unwrap();
    assert_eq!((document.version, document.author.as_str()), (2, "external"));
    assert!(config.load().await.unwrap().version > version);
    backend.set("webhook_config", json!({"n": 3}));
    let refused = write(&config, WebhookConfig, json!({}), Some(2)).await;
    assert_eq!(refused, Err(ConfigError::Conflict { current: 3 }));
    assert_eq!(backend.get("webhook_config").unwrap(), json!({"n": 3}));
    backend.inside.lock().unwrap().documents.clear();
    assert!(config.load().await.unwrap().documents.is_empty());
    assert_eq!(write(&config, WebhookConfig, json!({"n": 5}), Some(0)).await.unwrap().version, 5);
    let list = format!("{PREFIX}{{hist}}:external:webhook_config");
    assert_eq!(authors_in(&redis, &list).await, ["a person", "external", "external", "external", "a person"]);
}

#[tokio::test]
async fn servers_that_disagree_about_the_mode_do_not_take_each_other_s_documents_for_changes() {
    let (server, backend) = (server(), Backend::start().await);
    let (first, second) = (redis_first(&server, &backend).await, php_first(&server, &backend).await);
    write(&first, RuntimeFlags, json!({"here": "redis"}), None).await.unwrap();
    write(&second, RuntimeFlags, json!({"here": "php"}), None).await.unwrap();
    let version = first.load().await.unwrap().version;
    for _ in 0..3 {
        assert_eq!(read(&first, RuntimeFlags).await.unwrap().value, json!({"here": "redis"}));
        assert_eq!(read(&second, RuntimeFlags).await.unwrap().value, json!({"here": "php"}));
    }
    assert_eq!(second.load().await.unwrap().version, version);
}

#[tokio::test]
async fn php_first_reads_the_recorded_versions_while_the_backend_is_away() {
    let (server, backend) = (server(), Backend::start().await);
    let config = php_first(&server, &backend).await;
    backend.be(Mood::Refusing(500, "down"));
    unavailable(config.load().await);
    backend.be(Mood::Well);
    write(&config, RoutingRules, json!({"n": 1}), None).await.unwrap();
    let version = config.load().await.unwrap().version;
    for (status, text) in [(500, "down"), (401, "{}"), (200, "<html>"), (200, r#"{"success":false}"#), (302, "")] {
        backend.be(Mood::Refusing(status, text));
        let loaded = config.load().await.unwrap();
        assert!(is_copy(&loaded.origin), "{status} {text}");
        assert_eq!((loaded.version, &loaded.documents[0].value), (version, &json!({"n": 1})), "{status} {text}");
        unavailable(write(&config, RoutingRules, json!({"n": 2}), None).await);
    }
    backend.be(Mood::Well);
    assert_eq!(write(&config, RoutingRules, json!({"n": 3}), Some(1)).await.unwrap().version, 2, "no mark was left");

    server.kill();
    let loaded = config.load().await.unwrap();
    assert!(is_copy(&loaded.origin));
    assert_eq!((loaded.version, loaded.documents[0].version), (0, 0), "the backend answers, its versions do not");
    unavailable(write(&config, RoutingRules, json!({"n": 4}), None).await);
    assert_eq!(backend.get("routing_rules").unwrap()["n"], json!(3), "nothing is written that cannot be recorded");
}

#[tokio::test]
async fn a_write_that_redis_cannot_record_is_on_record_later() {
    let (server, backend) = (Arc::new(server()), Backend::start().await);
    let config = php_first(&server, &backend).await;
    write(&config, RoutingRules, json!({"n": 1}), None).await.unwrap();
    let killed = Arc::clone(&server);
    backend.be(Mood::Then(Arc::new(move || killed.kill())));
    let why = unavailable(write(&config, RoutingRules, json!({"n": 2}), Some(1)).await);
    assert!(why.contains("on record by `external`"), "{why}");
    backend.be(Mood::Well);
    server.run();
    let config = php_first(&server, &backend).await;
    assert_eq!(read(&config, RoutingRules).await.unwrap().value, json!({"n": 1}), "its mark says that it may go on");
    let redis = link(&server).await;
    let () = raw(&redis, &[b"DEL", format!("{PREFIX}{{hist}}:writing:routing_rules").as_bytes()]).await;
    let document = read(&config, RoutingRules).await.unwrap();
    assert_eq!((document.version, document.author.as_str()), (2, "external"));
    assert_eq!(document.value["n"], json!(2));
}

#[tokio::test]
async fn two_writers_do_not_both_succeed() {
    let (server, backend) = (server(), Backend::start().await);
    let (one, other) = (php_first(&server, &backend).await, php_first(&server, &backend).await);
    let outcomes = futures_util::future::join_all((0..20).map(|n| {
        let config = if n % 2 == 0 { &one } else { &other };
        write(config, RoutingRules, json!({"n": n}), Some(0))
    }))
    .await;
    let written: Vec<_> = outcomes.into_iter().filter_map(Result::ok).collect();
    assert_eq!(written.len(), 1);
    assert_eq!(backend.get("routing_rules").unwrap()["n"], written[0].value["n"]);
    assert_eq!(read(&one, RoutingRules).await.unwrap(), written[0]);
}

#[tokio::test]
async fn a_backend_that_says_nothing_costs_six_and_eight_seconds() {
    let (server, silent, deaf) = (server(), Backend::start().await, Backend::start().await);
    silent.be(Mood::SilentOnReads);
    let reading = async {
        let config = php_first(&server, &silent).await;
        let start = Instant::now();
        unavailable(config.load().await);
        start.elapsed()
    };
    deaf.be(Mood::SilentAfterWrites);
    let writing = async {
        let config = php_first(&server, &deaf).await;
        let start = Instant::now();
        unavailable(write(&config, RuntimeFlags, json!({}), None).await);
        let waited = start.elapsed();
        let why = unavailable(write(&config, RuntimeFlags, json!({}), None).await);
        assert!(why.contains("is writing"), "a late request may still arrive: {why}");
        waited
    };
    let (read, written) = tokio::join!(reading, writing);
    for (waited, seconds) in [(read, 6), (written, 8)] {
        let limit = Duration::from_secs(seconds);
        assert!(waited >= limit && waited < limit + Duration::from_secs(3), "{waited:?} for {seconds}");
    }
}

#[tokio::test]
async fn a_backend_is_reached_under_the_rules_of_targets() {
    let (server, backend) = (server(), Backend::start().await);
    let policy = UrlPolicy { loopback: Loopback::Refused, own_hosts: Vec::new() };
    let config = open(&server, Primary::External(backend.settings()), &Time::new(), policy).await;
    let why = unavailable(config.load().await);
    assert!(why.contains("may not be asked"), "{why}");
    assert_eq!(backend.requests(), [""; 0]);

    let base = render_signal::delivery::TargetUrl::parse("https://localtest.me/app", &UrlPolicy::default()).unwrap();
    let settings = ExternalBackend { base, ..backend.settings() };
    let said = format!(
        "{:?}",
        crate::redis::config::ExternalClient::new(
            Sender::new(SystemNames::from_system().unwrap(), Loopback::Refused).unwrap(),
            settings,
            UrlPolicy::default(),
        )
    );
    assert!(!said.contains("t0ken"), "{said}");
}

#[tokio::test]
async fn a_reading_that_a_write_overtook_is_not_taken_for_a_change() {
    let (server, backend) = (server(), Backend::start().await);
    let (reader, writer) = (php_first(&server, &backend).await, php_first(&server, &backend).await);
    write(&writer, RoutingRules, json!({"n": 1}), Some(0)).await.unwrap();
    backend.set("routing_rules", json!({"theirs": 1}));
    backend.be(Mood::SlowOnReads(Duration::from_secs(2)));
    let overtaking = async {
        while backend.requests().len() < 2 + 5 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        backend.be(Mood::Well);
        write(&writer, RoutingRules, json!({"n": 2}), None).await.unwrap()
    };
    let (loaded, written) = tokio::join!(reader.load(), overtaking);
    assert_eq!(loaded.unwrap().documents, std::slice::from_ref(&written));
    assert_eq!(read(&reader, RoutingRules).await.unwrap(), written);
}

#[tokio::test]
async fn the_file_has_what_the_backend_never_had_and_only_the_primary_writes_it() {
    let (server, backend, dir) = (server(), Backend::start().await, tempfile::tempdir().unwrap());
    let config = redis_first(&server, &backend).await.with_copy(LocalCopy::new(dir.path()), Arc::new(|_| {}));
    for key in [RoutingRules, WebhookConfig] {
        write(&config, key, json!({"from": "redis"}), None).await.unwrap();
    }
    let kept = std::fs::read_to_string(dir.path().join("config-copy.json")).unwrap();
    server.kill();
    assert!(config.load().await.unwrap().version > 0, "a backend without a document says nothing: the file holds");
    backend.set("webhook_config", json!({"from": "php"}));
    let loaded = config.load().await.unwrap();
    let values: Vec<_> = loaded.documents.iter().map(|it| (it.key, it.value["from"].as_str().unwrap())).collect();
    assert_eq!(values, [(WebhookConfig, "php"), (RoutingRules, "redis")]);
    assert_eq!(loaded.version, 0, "no version is the one of such a mixture");
    backend.be(Mood::Refusing(500, "down"));
    assert_eq!(config.load().await.unwrap().documents.len(), 2, "the file is last");
    assert_eq!(std::fs::read_to_string(dir.path().join("config-copy.json")).unwrap(), kept);
}
