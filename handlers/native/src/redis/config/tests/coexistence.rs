//! Beside containers of the predecessor: raw commands on the plain keys, as it sends them.

use super::subject::{PREFIX, config, link, plain, raw, read, server, write};
use render_signal::config::DocumentKey::{self, ProcessingPrefs, RoutingRules, RuntimeFlags, WebhookConfig};
use render_signal::ports::{ConfigError, ConfigStore as _};
use serde_json::{Value, json};

async fn set(link: &crate::redis::Link, key: DocumentKey, text: &str) {
    let () = raw(link, &[b"SET", plain(key).as_bytes(), text.as_bytes()]).await;
}

async fn get(link: &crate::redis::Link, key: DocumentKey) -> Option<String> {
    raw(link, &[b"GET", plain(key).as_bytes()]).await
}

/// The authors of a document's versions, oldest first.
async fn authors(link: &crate::redis::Link, key: DocumentKey) -> Vec<String> {
    let list = format!("{PREFIX}{{hist}}:{key}");
    let versions: Vec<String> = raw(link, &[b"LRANGE", list.as_bytes(), b"0", b"-1"]).await;
    let author = |entry: &String| {
        let (head, rest) = entry.split_once('\n').unwrap();
        let size = head.rsplit_once(' ').unwrap().1.parse().unwrap();
        rest[..size].to_owned()
    };
    versions.iter().map(author).collect()
}

#[tokio::test]
async fn both_see_what_the_other_wrote() {
    let server = server();
    let (config, link) = (config(&server).await, link(&server).await);
    let theirs = r#"{"rules": [{"name": "été", "value": 1.0}], "_updated_at": "2026-01-02T03:04:05.678901+00:00"}"#;
    set(&link, RoutingRules, theirs).await;
    let first = read(&config, RoutingRules).await.unwrap();
    assert_eq!((first.version, first.author.as_str()), (1, "external"));
    assert_eq!(first.value, serde_json::from_str::<Value>(theirs).unwrap());
    assert_eq!(get(&link, RoutingRules).await.as_deref(), Some(theirs), "reading changes nothing");

    let ours = json!({"rules": [], "note": "« à nous »", "_updated_at": "2026-04-10T09:54:38.000Z"});
    write(&config, RoutingRules, ours.clone(), Some(1)).await.unwrap();
    let seen = get(&link, RoutingRules).await.unwrap();
    assert!(seen.contains("« à nous »"), "not escaped: {seen}");
    assert_eq!(serde_json::from_str::<Value>(&seen).unwrap(), ours);
    assert_eq!(raw::<i64>(&link, &[b"TTL", plain(RoutingRules).as_bytes()]).await, -1);

    set(&link, RoutingRules, "{}").await;
    let third = read(&config, RoutingRules).await.unwrap();
    assert_eq!((third.version, third.value), (3, json!({})));
    assert_eq!(authors(&link, RoutingRules).await, ["external", "a person", "external"]);
}

#[tokio::test]
async fn a_write_made_from_before_their_change_is_a_conflict_and_theirs_is_on_record() {
    let server = server();
    let (config, link) = (config(&server).await, link(&server).await);
    write(&config, WebhookConfig, json!({"n": 1}), Some(0)).await.unwrap();
    let before = config.load().await.unwrap().version;
    set(&link, WebhookConfig, r#"{"n": 2}"#).await;
    let refused = write(&config, WebhookConfig, json!({"n": 3}), Some(1)).await;
    assert_eq!(refused, Err(ConfigError::Conflict { current: 2 }));
    assert_eq!(get(&link, WebhookConfig).await.as_deref(), Some(r#"{"n": 2}"#));
    assert!(config.load().await.unwrap().version > before, "readers of the older whole look again");

    set(&link, WebhookConfig, r#"{"n": 4}"#).await;
    assert_eq!(write(&config, WebhookConfig, json!({"n": 5}), None).await.unwrap().version, 4);
    assert_eq!(authors(&link, WebhookConfig).await, ["a person", "external", "external", "a person"]);
}

#[tokio::test]
async fn what_nobody_changed_makes_no_version() {
    let server = server();
    let config = config(&server).await;
    write(&config, RuntimeFlags, json!({"a": true}), None).await.unwrap();
    let before = config.load().await.unwrap();
    for _ in 0..3 {
        assert_eq!(config.load().await.unwrap(), before);
    }
}

#[tokio::test]
async fn damaged_documents_are_handed_on_and_take_nobody_with_them() {
    let server = server();
    let (config, link) = (config(&server).await, link(&server).await);
    write(&config, RuntimeFlags, json!({"a": true}), None).await.unwrap();
    set(&link, WebhookConfig, "{\"half\": ").await;
    let () = raw(&link, &[b"SET", plain(RoutingRules).as_bytes(), b"\xff{}"]).await;
    let () = raw(&link, &[b"RPUSH", plain(ProcessingPrefs).as_bytes(), b"x"]).await;
    let documents = config.load().await.unwrap().documents;
    let values: Vec<_> = documents.iter().map(|document| (document.key, document.value.clone())).collect();
    assert_eq!(
        values,
        [
            (WebhookConfig, json!("{\"half\": ")),
            (ProcessingPrefs, json!("(this key holds no text)")),
            (RuntimeFlags, json!({"a": true})),
            (RoutingRules, json!("\u{fffd}{}")),
        ]
    );
    write(&config, ProcessingPrefs, json!({}), Some(1)).await.unwrap();
    assert_eq!(get(&link, ProcessingPrefs).await.as_deref(), Some("{}"), "a write mends it");
}

#[tokio::test]
async fn a_document_that_somebody_deleted_is_absent_and_its_versions_are_kept() {
    let server = server();
    let (config, link) = (config(&server).await, link(&server).await);
    write(&config, RoutingRules, json!({"n": 1}), None).await.unwrap();
    let before = config.load().await.unwrap().version;
    let () = raw(&link, &[b"DEL", plain(RoutingRules).as_bytes()]).await;
    let after = config.load().await.unwrap();
    assert!(after.documents.is_empty() && after.version > before);
    let refused = write(&config, RoutingRules, json!({}), Some(1)).await;
    assert_eq!(refused, Err(ConfigError::Conflict { current: 0 }));
    assert_eq!(get(&link, RoutingRules).await, None);
    assert_eq!(write(&config, RoutingRules, json!({"n": 2}), Some(0)).await.unwrap().version, 3);
    assert_eq!(authors(&link, RoutingRules).await, ["a person", "external", "a person"]);
}

#[tokio::test]
async fn an_emptied_store_never_repeats_a_version_of_the_whole() {
    let server = server();
    let (config, link) = (config(&server).await, link(&server).await);
    assert_eq!(config.load().await.unwrap().version, 0);
    write(&config, RuntimeFlags, json!({}), None).await.unwrap();
    let before = config.load().await.unwrap().version;
    let stored: u64 = raw(&link, &[b"GET", super::super::version_key(PREFIX).as_bytes()]).await;
    assert_eq!(stored, before);
    // The clock of the server was set back meanwhile.
    let ahead = (before + 1_000_000).to_string();
    let () = raw(&link, &[b"SET", super::super::version_key(PREFIX).as_bytes(), ahead.as_bytes()]).await;
    write(&config, RuntimeFlags, json!({}), None).await.unwrap();
    assert_eq!(config.load().await.unwrap().version, before + 1_000_001);

    let () = raw(&link, &[b"FLUSHALL"]).await;
    assert_eq!(config.load().await.unwrap().version, 0);
    std::thread::sleep(std::time::Duration::from_millis(2));
    write(&config, RuntimeFlags, json!({}), None).await.unwrap();
    assert!(config.load().await.unwrap().version > before);
}

#[tokio::test]
async fn other_keys_of_the_predecessor_are_left_as_they_are() {
    let server = server();
    let (config, link) = (config(&server).await, link(&server).await);
    let tokens = r#"{"abc": {"expires_at": null, "consumed": false}}"#;
    for name in ["magic_link_tokens", "polling_config"] {
        let () = raw(&link, &[b"SET", format!("{PREFIX}{name}").as_bytes(), tokens.as_bytes()]).await;
    }
    write(&config, RuntimeFlags, json!({}), None).await.unwrap();
    assert_eq!(config.load().await.unwrap().documents.len(), 1);
    for name in ["magic_link_tokens", "polling_config"] {
        let kept: String = raw(&link, &[b"GET", format!("{PREFIX}{name}").as_bytes()]).await;
        assert_eq!(kept, tokens);
    }
}

#[tokio::test]
async fn a_hundred_versions_are_kept() {
    let server = server();
    let (config, link) = (config(&server).await, link(&server).await);
    for n in 0..130 {
        write(&config, RuntimeFlags, json!({"n": n}), Some(n)).await.unwrap();
    }
    assert_eq!(authors(&link, RuntimeFlags).await.len(), 100);
    assert_eq!(read(&config, RuntimeFlags).await.unwrap().version, 130);
}
