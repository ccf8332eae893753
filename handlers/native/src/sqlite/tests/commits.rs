//! The group commit: durable, shared, and each step for itself.

use super::super::connection::Connection;
use super::super::writer::Writer;
use super::folder::{Folder, Home, Time, accept, mail};
use futures_util::future::join_all;
use render_signal::ledger::{Admitted, LedgerError};
use render_signal::ports::Ledger;
use render_signal::sql::{Cell, Sql, SqlError, Tables, migrate};
use std::path::Path;

#[test]
fn every_commit_is_synced() {
    let folder = Folder::new();
    let connection = Connection::open_writer(&folder.database()).unwrap();
    let pragma = |statement| connection.query(statement, &[]).unwrap().remove(0).0.remove(0);
    assert_eq!(pragma("PRAGMA journal_mode"), Cell::Text("wal".to_owned()));
    assert_eq!(pragma("PRAGMA synchronous"), Cell::Int(2), "FULL");
    assert_eq!(pragma("PRAGMA auto_vacuum"), Cell::Int(2), "INCREMENTAL");
}

#[tokio::test]
async fn callers_at_the_same_time_share_commits() {
    let home = Home::new();
    let pin = pin_log(&home);
    let before = commits_in_log(&home.folder.database());
    let answers = join_all((0..200).map(|n| home.store.admit(mail(n, 4_000), accept()))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Admitted::Queued(_)))));
    let commits = commits_in_log(&home.folder.database()) - before;
    assert!((1..=20).contains(&commits), "{commits} commits for 200 mails");
    drop(pin);
}

#[tokio::test]
async fn callers_one_after_the_other_have_a_commit_each() {
    let home = Home::new();
    let pin = pin_log(&home);
    let before = commits_in_log(&home.folder.database());
    for n in 0..10 {
        home.store.admit(mail(n, 4_000), accept()).await.unwrap();
    }
    assert_eq!(commits_in_log(&home.folder.database()) - before, 10);
    drop(pin);
}

#[tokio::test]
async fn what_writes_nothing_commits_nothing() {
    let home = Home::new();
    home.store.admit(mail(1, 4_000), accept()).await.unwrap();
    home.store.lease_due(super::folder::ALL).await.unwrap();
    let pin = pin_log(&home);
    let before = commits_in_log(&home.folder.database());
    for _ in 0..10 {
        assert!(matches!(home.store.admit(mail(1, 4_000), accept()).await, Ok(Admitted::Known { .. })));
        home.store.lease_due(super::folder::ALL).await.unwrap();
    }
    assert_eq!(commits_in_log(&home.folder.database()) - before, 0);
    drop(pin);
}

#[tokio::test]
async fn a_step_that_fails_leaves_the_others_of_its_group() {
    let home = Home::new();
    let admit = |n| home.store.admit(mail(n, 100), accept());
    let failing = home.store.writer.call(|store| {
        store.admit(&mail(50, 100), &accept())?;
        Err::<(), _>(LedgerError::Full)
    });
    let (first, failed, last) = futures_util::join!(admit(1), failing, admit(2));
    assert_eq!(failed, Err(LedgerError::Full));
    assert!(first.is_ok() && last.is_ok());
    assert_eq!(home.store.life(&mail(50, 100).id).await, Ok(None), "what it had written is undone");
    for n in [1, 2] {
        assert!(home.store.life(&mail(n, 100).id).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_step_that_panics_is_undone_and_the_writer_goes_on() {
    let home = Home::new();
    let panicking = home.store.writer.call(|store| {
        store.admit(&mail(50, 100), &accept())?;
        panic!("a fault of ours");
        #[expect(unreachable_code, reason = "names the error type")]
        Err::<(), _>(LedgerError::Full)
    });
    let (failed, other) = futures_util::join!(panicking, home.store.admit(mail(1, 100), accept()));
    assert!(matches!(failed, Err(LedgerError::Unavailable(_))), "{failed:?}");
    assert!(other.is_ok());
    assert!(home.store.admit(mail(2, 100), accept()).await.is_ok());
    assert_eq!(home.store.life(&mail(50, 100).id).await, Ok(None), "what it had written is undone");
}

#[tokio::test]
async fn a_commit_that_fails_is_no_callers_success() {
    let folder = Folder::new();
    let connection = Connection::open_writer(&folder.database()).unwrap();
    connection.transaction(|sql| migrate(sql, Tables::All)).unwrap();
    connection.command("CREATE TABLE parent(id INTEGER PRIMARY KEY)").unwrap();
    connection
        .command("CREATE TABLE child(parent INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)")
        .unwrap();
    connection.command("PRAGMA foreign_keys = ON").unwrap();
    // A reference to nothing is found only by the commit.
    connection.command("CREATE TRIGGER broken AFTER INSERT ON mails WHEN NEW.body_bytes = 13 BEGIN INSERT INTO child VALUES(1); END").unwrap();
    let writer = Writer::start(connection, Time::new().clock()).unwrap();
    let admit = |n: u32, bytes| writer.call(move |store| store.admit(&mail(n, bytes), &accept()));
    let (first, second) = futures_util::join!(admit(1, 13), admit(2, 100));
    assert!(matches!(first, Err(LedgerError::Unavailable(_))), "{first:?}");
    assert!(matches!(second, Err(LedgerError::Unavailable(_))), "{second:?}: they shared the commit");
    assert!(matches!(admit(2, 100).await, Ok(Admitted::Queued(_))), "the writer goes on");
    assert!(matches!(admit(3, 100).await, Ok(Admitted::Queued(_))));
}

#[tokio::test]
async fn a_store_that_is_locked_says_so() {
    let home = Home::new();
    let other = home.connection();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = home.store.admit(mail(1, 100), accept()).await.unwrap_err();
    assert!(matches!(&error, LedgerError::Unavailable(cause) if cause.contains("locked")), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(home.store.admit(mail(1, 100), accept()).await.is_ok(), "and goes on when it is not");
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_its_step_standing() {
    let home = Home::new();
    let pending = home.store.admit(mail(1, 100), accept());
    assert!(futures_util::poll!(std::pin::pin!(pending)).is_pending());
    home.store.admit(mail(2, 100), accept()).await.unwrap();
    assert!(home.store.life(&mail(1, 100).id).await.unwrap().is_some());
}

#[tokio::test]
async fn the_last_handle_to_go_waits_for_what_was_given() {
    let home = Home::new();
    let error = home.store.writer.call(|_| Err::<(), _>(SqlError("a step's own error".to_owned()))).await;
    assert_eq!(error.unwrap_err().0, "a step's own error");
    let Home { store, folder, time } = home;
    let pending: Vec<_> = (0..100).map(|n| Box::pin(store.admit(mail(n, 100), accept()))).collect();
    for mut admit in pending {
        let _ = futures_util::poll!(admit.as_mut());
    }
    drop(store);
    let again = super::super::SqliteStore::open(&folder.database(), time.clock()).unwrap();
    let mails: u64 = again.stats().await.unwrap().mails.iter().map(|(_, count)| count).sum();
    assert_eq!(mails, 100);
}

/// A reader that keeps the log from being started over, so that its commits can be counted.
fn pin_log(home: &Home) -> rusqlite::Connection {
    let reader = home.connection();
    reader.execute_batch("BEGIN; SELECT count(*) FROM mails").unwrap();
    reader
}

/// Commits in the write-ahead log: the frames that carry the size of the database after them.
fn commits_in_log(database: &Path) -> usize {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;
    let log = std::fs::read(database.with_extension("db-wal")).unwrap();
    let page = log.get(8..12).map_or(4096, |size| u32::from_be_bytes(size.try_into().unwrap())) as usize;
    let salts = &log[16..24];
    log[HEADER..]
        .chunks_exact(FRAME_HEADER + page)
        .filter(|frame| frame[8..16] == *salts && frame[4..8] != [0; 4])
        .count()
}
