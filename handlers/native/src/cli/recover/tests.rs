//! Recovering, over the stores in memory: the command knows the ports only.

use crate::cli::{Ended, operate};
use futures_util::FutureExt as _;
use render_signal::calendar::Timestamp;
use render_signal::config::{DocumentKey, write_copy};
use render_signal::memory::MemoryHome;
use render_signal::ports::{ConfigStore as _, Home as _, StoredDocument, Write};
use serde_json::{Value, json};
use std::path::Path;

const COPY: &str = "config-copy.json";

struct Bench {
    home: MemoryHome,
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = MemoryHome::builder().setting("DATA_DIR", &dir.path().display().to_string()).build().unwrap();
        Self { home, dir }
    }

    fn file(&self, name: &str, documents: &[(DocumentKey, Value)]) {
        let documents: Vec<_> = documents
            .iter()
            .map(|(key, value)| StoredDocument {
                key: *key,
                version: 7,
                value: value.clone(),
                at: Timestamp::from_millis(1_775_814_878_000),
                author: "a person".to_owned(),
            })
            .collect();
        std::fs::write(self.dir.path().join(name), write_copy(7, &documents).unwrap()).unwrap();
    }

    fn write(&self, key: DocumentKey, value: Value) {
        let write = Write { key, value, expected: None, author: "somebody".to_owned() };
        self.home.config().write(write).now_or_never().unwrap().unwrap();
    }

    fn recover(&self, arguments: &[&str]) -> Ended {
        let arguments: Vec<_> = ["config", "recover"].into_iter().chain(arguments.iter().copied()).collect();
        let command = operate(&arguments, self.home.ledger(), self.home.config(), self.home.settings());
        command.now_or_never().unwrap()
    }

    fn stored(&self) -> Vec<(DocumentKey, u64, Value, String)> {
        let loaded = self.home.config().load().now_or_never().unwrap().unwrap();
        loaded.documents.into_iter().map(|it| (it.key, it.version, it.value, it.author)).collect()
    }
}

fn path(bench: &Bench, name: &str) -> String {
    Path::new(bench.dir.path()).join(name).display().to_string()
}

#[test]
fn only_what_is_absent_is_written() {
    let bench = Bench::new();
    bench.file(COPY, &[(DocumentKey::WebhookConfig, json!({"a": 1})), (DocumentKey::RoutingRules, json!({"b": 1}))]);
    bench.write(DocumentKey::RoutingRules, json!({"b": 2}));
    let dry = bench.recover(&["--dry-run"]);
    assert!(dry.stdout.contains("webhook_config: would be written, as of 2026-04-10T09:54:38"), "{dry:?}");
    assert_eq!(bench.stored().len(), 1, "a dry run writes nothing");

    let ended = bench.recover(&[]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(ended.stdout.contains("webhook_config: written as version 1"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("routing_rules: there already, another one: version 1 by somebody"),
        "{}",
        ended.stdout
    );
    let mine = "recovered".to_owned();
    assert_eq!(
        bench.stored(),
        [
            (DocumentKey::WebhookConfig, 1, json!({"a": 1}), mine),
            (DocumentKey::RoutingRules, 1, json!({"b": 2}), "somebody".to_owned()),
        ]
    );
    assert!(bench.recover(&[]).stdout.starts_with("nothing to recover"), "the second time there is nothing to do");
}

#[test]
fn what_is_there_is_written_over_only_by_name_of_the_file() {
    let bench = Bench::new();
    bench.file("mine.json", &[(DocumentKey::RoutingRules, json!({"b": 1}))]);
    bench.write(DocumentKey::RoutingRules, json!({"b": 2}));
    let file = path(&bench, "mine.json");
    assert_eq!(bench.recover(&["--replace"]).status, 2, "which file?");
    bench.recover(&["--from", &file]);
    assert_eq!(bench.stored()[0].1, 1);
    let ended = bench.recover(&["--from", &file, "--replace"]);
    assert_eq!(ended.status, 0, "{ended:?}");
    assert_eq!(bench.stored(), [(DocumentKey::RoutingRules, 2, json!({"b": 1}), "recovered".to_owned())]);
    assert!(bench.recover(&["--from", &file, "--replace"]).stdout.contains("there already, the same"));
}

#[test]
fn the_newest_file_that_has_more_is_taken() {
    let bench = Bench::new();
    bench.file(COPY, &[]);
    bench.file("config-copy.before-20260101T000000.000Z.json", &[(DocumentKey::RoutingRules, json!({"old": 1}))]);
    bench.file("config-copy.before-20260301T000000.000Z.json", &[(DocumentKey::RoutingRules, json!({"new": 1}))]);
    bench.file("config-copy.before-20260401T000000.000Z.json", &[(DocumentKey::WebhookConfig, json!("damaged"))]);
    std::fs::write(path(&bench, "config-copy.before-20260501T000000.000Z.json"), "torn").unwrap();
    bench.recover(&[]);
    assert_eq!(bench.stored(), [(DocumentKey::RoutingRules, 1, json!({"new": 1}), "recovered".to_owned())]);
}

#[test]
fn nothing_is_recovered_into_a_store_that_does_not_answer() {
    let bench = Bench::new();
    bench.file(COPY, &[(DocumentKey::RoutingRules, json!({}))]);
    bench.home.config().publish();
    bench.home.config().lose_primary();
    let ended = bench.recover(&[]);
    assert_eq!(ended.status, 1);
    assert!(ended.stderr.contains("nothing can be written now"), "{ended:?}");
}

#[test]
fn a_file_that_is_no_copy_is_refused() {
    let bench = Bench::new();
    assert!(bench.recover(&[]).stdout.starts_with("nothing to recover"));
    std::fs::write(path(&bench, "x.json"), "{}").unwrap();
    for name in ["x.json", "none.json"] {
        assert_eq!(bench.recover(&["--from", &path(&bench, name)]).status, 64, "{name}");
    }
}
