//! The configuration documents: each with its version, all with one over the whole.

use super::bench::{Bench, MINUTE};
use super::{Subject, promises};
use crate::config::DocumentKey;
use crate::ports::{ConfigError, ConfigStore, StoredDocument, Write};
use serde_json::{Value, json};

promises!("configuration":
    an_empty_store_has_no_documents,
    a_document_comes_back_as_it_was_written,
    a_second_write_is_the_next_version,
    a_write_from_another_version_is_a_conflict,
    a_conflict_writes_nothing,
    a_write_without_expectation_replaces_what_is_there,
    every_write_makes_the_whole_a_new_version,
    documents_have_versions_of_their_own,
    a_hundred_versions_do_not_get_in_the_way,
);

const KEY: DocumentKey = DocumentKey::WebhookConfig;

async fn an_empty_store_has_no_documents<S: Subject>(bench: &Bench<'_, S>) {
    assert!(load(bench).await.is_empty());
}

async fn a_document_comes_back_as_it_was_written<S: Subject>(bench: &Bench<'_, S>) {
    let value =
        json!({"été": "« oui »\u{0}", "n": 1.5, "big": 9_007_199_254_740_991_i64, "deep": [{"a": null}, []], "": true});
    let written = write(bench, KEY, value.clone(), Some(0)).await.expect("write");
    let expected = StoredDocument { key: KEY, version: 1, value, at: bench.now(), author: "a person".to_owned() };
    assert_eq!(written, expected);
    assert_eq!(load(bench).await, [expected]);
}

async fn a_second_write_is_the_next_version<S: Subject>(bench: &Bench<'_, S>) {
    write(bench, KEY, json!({"n": 1}), Some(0)).await.expect("write");
    bench.wait(MINUTE).await;
    let second = write(bench, KEY, json!({"n": 2}), Some(1)).await.expect("write");
    assert_eq!((second.version, second.at), (2, bench.now()));
    assert_eq!(load(bench).await, [second]);
}

async fn a_write_from_another_version_is_a_conflict<S: Subject>(bench: &Bench<'_, S>) {
    assert_eq!(write(bench, KEY, json!({}), Some(1)).await, Err(ConfigError::Conflict { current: 0 }));
    write(bench, KEY, json!({}), Some(0)).await.expect("write");
    write(bench, KEY, json!({}), Some(1)).await.expect("write");
    for expected in [0, 1, 3, u64::MAX] {
        assert_eq!(write(bench, KEY, json!({}), Some(expected)).await, Err(ConfigError::Conflict { current: 2 }));
    }
}

async fn a_conflict_writes_nothing<S: Subject>(bench: &Bench<'_, S>) {
    write(bench, KEY, json!({"n": 1}), Some(0)).await.expect("write");
    let before = bench.config().load().await;
    write(bench, KEY, json!({"n": 2}), Some(0)).await.expect_err("a conflict");
    assert_eq!(bench.config().load().await, before);
}

async fn a_write_without_expectation_replaces_what_is_there<S: Subject>(bench: &Bench<'_, S>) {
    for n in 1..=3 {
        let written = write(bench, KEY, json!({"n": n}), None).await.expect("write");
        assert_eq!(written.version, n);
    }
    assert_eq!(load(bench).await[0].value, json!({"n": 3}));
}

async fn every_write_makes_the_whole_a_new_version<S: Subject>(bench: &Bench<'_, S>) {
    let mut last = bench.config_version();
    for key in DocumentKey::ALL {
        write(bench, key, json!({}), None).await.expect("write");
        let version = bench.config().load().await.expect("load").version;
        assert!(version > last, "{key}");
        last = version;
    }
}

async fn documents_have_versions_of_their_own<S: Subject>(bench: &Bench<'_, S>) {
    for (n, key) in (1..).zip(DocumentKey::ALL) {
        for _ in 0..n {
            write(bench, key, json!({"key": key.as_str()}), None).await.expect("write");
        }
    }
    let mut documents = load(bench).await;
    documents.sort_by_key(|document| document.key);
    let versions: Vec<_> = documents.iter().map(|document| (document.key, document.version)).collect();
    assert_eq!(versions, DocumentKey::ALL.into_iter().zip(1..).collect::<Vec<_>>());
    assert!(documents.iter().all(|document| document.value == json!({"key": document.key.as_str()})));
}

async fn a_hundred_versions_do_not_get_in_the_way<S: Subject>(bench: &Bench<'_, S>) {
    for n in 0..120 {
        write(bench, KEY, json!({"n": n}), Some(n)).await.expect("write");
    }
    let documents = load(bench).await;
    assert_eq!((documents.len(), documents[0].version, &documents[0].value), (1, 120, &json!({"n": 119})));
}

async fn write<S: Subject>(
    bench: &Bench<'_, S>,
    key: DocumentKey,
    value: Value,
    expected: Option<u64>,
) -> Result<StoredDocument, ConfigError> {
    bench.config().write(Write { key, value, expected, author: "a person".to_owned() }).await
}

async fn load<S: Subject>(bench: &Bench<'_, S>) -> Vec<StoredDocument> {
    bench.config().load().await.expect("load").documents
}
