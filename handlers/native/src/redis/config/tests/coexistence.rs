//! Beside containers of the predecessor: raw commands on the plain keys, as it sends them.

use super::subject::{PREFIX, authors_in, config, link, plain, raw, read, server, write};
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
    authors_in(link, &format!("{PREFIX}{{hist}}:{key}")).await
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

/// A container of the predecessor: it reads the key, now and then writes it, and remembers whose text each of its own replaced.
async fn predecessor(link: crate::redis::Link) -> (Vec<String>, Vec<String>, bool) {
    let shapes = [
        r#"{"webhook_url": null, "webhook_ssl_verify": true, "absence_pause_days": ["saturday"], "polling_enabled": false, "n": @}"#,
        r#"{"webhook_time_start": "", "global_time_start": null, "_updated_at": "2026-01-02T03:04:05.678901+00:00", "n": @}"#,
        r#"{"presence_flag": 1, "autorepondeur_webhook_url": "https://hook.eu2.make.com/é", "n": @}"#,
        "[@]",
        "{\"n\": NaN, \"i\": @}",
    ];
    let (mut written, mut replaced, mut saw_ours) = (Vec::new(), Vec::new(), false);
    while get(&link, WebhookConfig).await.is_none() {
        tokio::task::yield_now().await;
    }
    for n in 0..40 {
        let seen = get(&link, WebhookConfig).await;
        saw_ours |= seen.is_some_and(|text| text.contains("ours"));
        let text = shapes[n % shapes.len()].replace('@', &(1000 + n).to_string());
        let key = plain(WebhookConfig);
        let old: Option<String> = raw(&link, &[b"SET", key.as_bytes(), text.as_bytes(), b"GET"]).await;
        replaced.extend(old);
        written.push(text);
        tokio::time::sleep(std::time::Duration::from_millis(n as u64 % 3)).await;
    }
    (written, replaced, saw_ours)
}

/// Ours: reads, and writes from what it read, until the write is taken.
async fn ours(config: crate::redis::RedisConfig) -> (Vec<String>, bool) {
    let (mut written, mut saw_theirs) = (Vec::new(), false);
    for n in 0..55 {
        if n >= 25 && saw_theirs {
            break;
        }
        for tries in 0.. {
            assert!(tries < 1000, "nobody else writes so often");
            let stored = read(&config, WebhookConfig).await;
            saw_theirs |= stored.as_ref().is_some_and(|document| document.author == "external");
            let value = json!({"ours": n});
            match write(&config, WebhookConfig, value.clone(), Some(stored.map_or(0, |it| it.version))).await {
                Ok(_) => {
                    written.push(value.to_string());
                    break;
                }
                Err(ConfigError::Conflict { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    (written, saw_theirs)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn side_by_side_nothing_that_the_other_replaced_is_lost() {
    let server = server();
    let (mine, link) = (config(&server).await, link(&server).await);
    let theirs = tokio::spawn(predecessor(link.clone()));
    let mine = tokio::spawn(ours(mine));
    let ((written, saw_theirs), (their_texts, replaced, saw_ours)) = tokio::try_join!(mine, theirs).unwrap();
    assert!(saw_theirs && saw_ours, "each has seen the other: {saw_theirs} {saw_ours}");
    let mine = config(&server).await;
    read(&mine, WebhookConfig).await.unwrap();

    let list = format!("{PREFIX}{{hist}}:{WebhookConfig}");
    let versions: Vec<String> = raw(&link, &[b"LRANGE", list.as_bytes(), b"0", b"-1"]).await;
    assert!(versions.len() < 100, "all of them are kept");
    let recorded = |author: &str, text: &str| versions.iter().any(|it| it.ends_with(&format!("\n{author}{text}")));
    for text in &written {
        assert!(recorded("a person", text), "ours: {text}");
    }
    let mut by_us = 0;
    for text in their_texts.iter().filter(|text| !replaced.contains(text)) {
        assert!(recorded("external", text), "theirs, replaced by us or still there: {text}");
        by_us += 1;
    }
    assert!(by_us > 1, "we have replaced some of theirs");
}

#[tokio::test]
async fn a_full_store_is_read_and_takes_no_write() {
    let server = server();
    let (config, link) = (config(&server).await, link(&server).await);
    write(&config, RuntimeFlags, json!({"n": 1}), None).await.unwrap();
    set(&link, RuntimeFlags, r#"{"n": 2}"#).await;
    let () = raw(&link, &[b"CONFIG", b"SET", b"maxmemory", b"1"]).await;
    let document = read(&config, RuntimeFlags).await.unwrap();
    assert_eq!((document.version, document.author.as_str()), (2, "external"), "and what others changed is recorded");
    let refused = write(&config, RuntimeFlags, json!({"n": 3}), None).await;
    assert_eq!(refused, Err(ConfigError::Unavailable("Redis is out of memory".to_owned())));
    assert_eq!(read(&config, RuntimeFlags).await.unwrap(), document);
}
