//! The copy in the data directory.

use super::super::{LocalCopy, RedisConfig, recoverable};
use super::subject::{PREFIX, Time, link, plain, raw, read, server, write};
use crate::redis::{Link, Log, Servers, StoreTime};
use render_signal::config::DocumentKey::{self, RoutingRules, RuntimeFlags, WebhookConfig};
use render_signal::memory::MemoryJournal;
use render_signal::ports::{ConfigStore as _, Journal as _, Origin};
use serde_json::{Value, json};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<MemoryJournal>);

impl Lines {
    fn log(&self) -> Log {
        let journal = Arc::clone(&self.0);
        Arc::new(move |line| journal.log(line))
    }

    fn codes(&self) -> Vec<&'static str> {
        self.0.lines().iter().map(|line| line.code).collect()
    }
}

struct Bench {
    dir: tempfile::TempDir,
    lines: Lines,
}

impl Bench {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), lines: Lines::default() }
    }

    /// A server of this data directory, as it is after a start.
    fn start(&self, link: &Link) -> RedisConfig {
        let copy = LocalCopy::new(&self.data());
        RedisConfig::new(link.clone(), PREFIX, StoreTime::Server).with_copy(copy, self.lines.log())
    }

    /// It is not there before something is written.
    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn copy(&self) -> PathBuf {
        self.data().join("config-copy.json")
    }

    /// What was set aside, newest first.
    fn aside(&self) -> Vec<PathBuf> {
        recoverable(&self.data()).unwrap().into_iter().filter(|path| *path != self.copy()).collect()
    }
}

fn documents(path: &Path) -> Vec<(String, Value)> {
    let copy: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let stored = copy["documents"].as_array().unwrap().iter();
    stored.map(|it| (it["key"].as_str().unwrap().to_owned(), it["value"].clone())).collect()
}

async fn set(link: &Link, key: DocumentKey, text: &str) {
    let () = raw(link, &[b"SET", plain(key).as_bytes(), text.as_bytes()]).await;
}

#[tokio::test]
async fn a_server_whose_redis_is_away_reads_its_copy_after_a_start_too() {
    let (server, bench) = (server(), Bench::new());
    let link = link(&server).await;
    let config = bench.start(&link);
    write(&config, RoutingRules, json!({"été": 1}), None).await.unwrap();
    let held = config.load().await.unwrap();
    server.kill();
    for config in [config, bench.start(&link)] {
        let loaded = config.load().await.unwrap();
        assert!(matches!(&loaded.origin, Origin::Copy { cause } if cause.contains("Redis")), "{:?}", loaded.origin);
        assert_eq!((loaded.version, loaded.documents), (held.version, held.documents.clone()));
        assert!(write(&config, RoutingRules, json!({}), None).await.is_err(), "a write never falls");
    }
    // A server that never had a connection.
    let nobody = Link::start(Servers::parse(&server.url()).unwrap(), Arc::new(|_| {}));
    assert_eq!(bench.start(&nobody).load().await.unwrap().documents, held.documents);
    std::fs::remove_file(bench.copy()).unwrap();
    assert!(bench.start(&link).load().await.is_err(), "neither store nor copy");
    std::fs::write(bench.copy(), "torn").unwrap();
    assert!(bench.start(&link).load().await.is_err());
}

#[tokio::test]
async fn the_copy_follows_every_write_and_every_change_by_others() {
    let (server, bench) = (server(), Bench::new());
    let link = link(&server).await;
    let config = bench.start(&link);
    assert!(!bench.copy().exists());
    write(&config, RoutingRules, json!({"n": 1}), None).await.unwrap();
    assert_eq!(documents(&bench.copy()), [("routing_rules".to_owned(), json!({"n": 1}))]);
    assert_eq!(std::fs::metadata(bench.copy()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(bench.data()).unwrap().permissions().mode() & 0o777, 0o700);

    let file = std::fs::metadata(bench.copy()).unwrap().ino();
    for config in [&config, &bench.start(&link)] {
        config.load().await.unwrap();
        assert_eq!(std::fs::metadata(bench.copy()).unwrap().ino(), file, "nothing changed, nothing is written");
    }
    set(&link, RoutingRules, r#"{"n": 2}"#).await;
    config.load().await.unwrap();
    assert_eq!(documents(&bench.copy()), [("routing_rules".to_owned(), json!({"n": 2}))]);
    assert_eq!(bench.aside(), [""; 0].map(PathBuf::from));
    assert_eq!(bench.lines.codes(), [""; 0]);
    let names: Vec<_> = std::fs::read_dir(bench.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["config-copy.json"], "no temporary file is left");
}

#[tokio::test]
async fn what_an_emptied_store_held_is_set_aside_and_nothing_comes_back_by_itself() {
    let (server, bench) = (server(), Bench::new());
    let link = link(&server).await;
    let config = bench.start(&link);
    write(&config, RoutingRules, json!({"n": 1}), None).await.unwrap();
    write(&config, RuntimeFlags, json!({"n": 2}), None).await.unwrap();
    let before = std::fs::read_to_string(bench.copy()).unwrap();
    let () = raw(&link, &[b"FLUSHALL"]).await;
    for config in [&config, &config, &bench.start(&link)] {
        assert!(config.load().await.unwrap().documents.is_empty());
    }
    let aside = bench.aside();
    assert_eq!(aside.len(), 1);
    assert_eq!(std::fs::read_to_string(&aside[0]).unwrap(), before);
    assert_eq!(std::fs::metadata(&aside[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(bench.lines.codes(), ["config_emptied"], "one line");
    let msg = &bench.lines.0.lines()[0].msg;
    assert!(msg.contains("config recover") && msg.contains(aside[0].to_str().unwrap()), "{msg}");
    server.kill();
    assert!(config.load().await.unwrap().documents.is_empty(), "the copy says what the store said last");
}

#[tokio::test]
async fn a_document_that_is_gone_is_set_aside_before_the_copy_forgets_it() {
    let (server, bench) = (server(), Bench::new());
    let link = link(&server).await;
    let config = bench.start(&link);
    write(&config, RoutingRules, json!({"n": 1}), None).await.unwrap();
    let () = raw(&link, &[b"FLUSHALL"]).await;
    set(&link, WebhookConfig, "{}").await;
    config.load().await.unwrap();
    assert_eq!(bench.lines.codes(), ["config_gone"]);
    assert!(bench.lines.0.lines()[0].msg.contains("routing_rules"));
    assert_eq!(documents(&bench.aside()[0]), [("routing_rules".to_owned(), json!({"n": 1}))]);
    assert_eq!(documents(&bench.copy()), [("webhook_config".to_owned(), json!({}))]);
}

#[tokio::test]
async fn a_store_that_went_back_and_a_copy_that_is_torn_are_set_aside_too() {
    let (server, bench) = (server(), Bench::new());
    let link = link(&server).await;
    let config = bench.start(&link);
    write(&config, RoutingRules, json!({"n": 1}), None).await.unwrap();
    let () = raw(&link, &[b"SET", super::super::version_key(PREFIX).as_bytes(), b"1"]).await;
    config.load().await.unwrap();
    assert_eq!((bench.aside().len(), bench.lines.codes()), (1, vec!["config_older"]));
    std::fs::write(bench.copy(), "torn").unwrap();
    bench.start(&link).load().await.unwrap();
    assert_eq!(bench.aside().len(), 2);
    assert_eq!(std::fs::read_to_string(&bench.aside()[0]).unwrap(), "torn");
}

#[tokio::test]
async fn the_newest_ten_are_kept() {
    let (server, bench) = (server(), Bench::new());
    let link = link(&server).await;
    let config = bench.start(&link);
    for n in 0..12 {
        write(&config, RoutingRules, json!({"n": n}), None).await.unwrap();
        let () = raw(&link, &[b"FLUSHALL"]).await;
        config.load().await.unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let aside = bench.aside();
    let held: Vec<_> = aside.iter().map(|path| documents(path)[0].1["n"].as_u64().unwrap()).collect();
    assert_eq!(held, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
}

#[tokio::test]
async fn a_copy_that_cannot_be_kept_is_told_once_and_stops_nothing() {
    let (server, bench) = (server(), Bench::new());
    let config = bench.start(&link(&server).await);
    std::fs::write(bench.data(), "a file where the directory should be").unwrap();
    for n in 0..3 {
        write(&config, RoutingRules, json!({"n": n}), None).await.unwrap();
    }
    assert_eq!(read(&config, RoutingRules).await.unwrap().value, json!({"n": 2}));
    assert_eq!(bench.lines.codes(), ["config_copy_failed"]);
    std::fs::remove_file(bench.data()).unwrap();
    config.load().await.unwrap();
    assert!(bench.copy().exists());
}

#[tokio::test]
async fn both_sides_keep_their_documents_over_a_recovery() {
    let (server, bench) = (server(), Bench::new());
    let link = link(&server).await;
    let config = bench.start(&link);
    write(&config, RoutingRules, json!({"n": 1}), None).await.unwrap();
    write(&config, RuntimeFlags, json!({"n": 2}), None).await.unwrap();
    let () = raw(&link, &[b"FLUSHALL"]).await;
    set(&link, RuntimeFlags, r#"{"theirs": true}"#).await;
    config.load().await.unwrap();

    let home = render_signal::memory::MemoryHome::builder();
    let home = home.setting("DATA_DIR", &bench.data().display().to_string()).build().unwrap();
    let beside = RedisConfig::new(link.clone(), PREFIX, Time::new().store_time());
    let ledger = render_signal::ports::Home::ledger(&home);
    let settings = render_signal::ports::Home::settings(&home);
    let ended = crate::cli::operate(&["config", "recover"], ledger, &beside, settings).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    let rules = read(&config, RoutingRules).await.unwrap();
    assert_eq!((rules.value, rules.author.as_str()), (json!({"n": 1}), "recovered"));
    assert_eq!(read(&config, RuntimeFlags).await.unwrap().value, json!({"theirs": true}));
    let theirs: String = raw(&link, &[b"GET", plain(RoutingRules).as_bytes()]).await;
    assert_eq!(theirs, r#"{"n":1}"#, "the predecessor finds it where it looks");
}
