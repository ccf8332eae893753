//! Opening, migrating and owning a file.

use super::super::{DataDirError, OpenError, SqliteStore};
use super::folder::{ALL, Folder, Home, Time, accept, mail};
use render_signal::config::DocumentKey;
use render_signal::ledger::{Admitted, Attempt, LeaseToken, Next, Recorded, Report, Work};
use render_signal::ports::{ConfigStore, Ledger, Loaded, Origin, Write};
use render_signal::sql::{MigrationError, SCHEMA_VERSION};

#[tokio::test]
async fn reopening_the_file_finds_everything() {
    let Home { store, folder, time } = Home::new();
    store.admit(mail(1, 3 << 20), accept()).await.unwrap();
    let write = Write {
        key: DocumentKey::RoutingRules,
        value: serde_json::json!({"a": 1}),
        expected: None,
        author: "x".to_owned(),
    };
    let document = store.write(write).await.unwrap();
    let life = store.life(&mail(1, 0).id).await.unwrap();
    drop(store);
    let store = SqliteStore::open(&folder.database(), time.clock()).unwrap();
    assert_eq!(store.life(&mail(1, 0).id).await.unwrap(), life);
    let loaded = Loaded { version: 1, documents: vec![document], origin: Origin::Primary };
    assert_eq!(store.load().await.unwrap(), loaded);
    let lease = store.lease_due(ALL).await.unwrap().leases.remove(0);
    assert!(lease.mail.mail == mail(1, 3 << 20).mail);
    assert!(matches!(store.admit(mail(1, 3 << 20), accept()).await, Ok(Admitted::Known { .. })));
}

#[test]
fn a_newer_schema_is_refused_with_a_clear_message() {
    let Home { store, folder, time } = Home::new();
    drop(store);
    let newer = SCHEMA_VERSION + 1;
    sql(&folder, &format!("UPDATE meta SET v = {newer} WHERE k = 'schema'"));
    let error = SqliteStore::open(&folder.database(), time.clock()).unwrap_err();
    assert!(matches!(&error, OpenError::Migration(MigrationError::Newer { found }) if *found == newer), "{error}");
    assert!(error.to_string().contains("run the newer server again"), "{error}");
    assert_eq!(schema(&folder), newer, "the file is left as it was");
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let Home { store, folder, time } = Home::new();
    store.admit(mail(1, 100), accept()).await.unwrap();
    drop(store);
    let before = dump(&folder);
    for _ in 0..2 {
        drop(SqliteStore::open(&folder.database(), time.clock()).unwrap());
    }
    assert_eq!(dump(&folder), before);
    assert_eq!(schema(&folder), SCHEMA_VERSION);
}

#[tokio::test]
async fn a_file_from_before_the_first_version_is_brought_up_once() {
    let folder = Folder::new();
    // What a first start leaves that was cut short before its tables were made.
    sql(&folder, "CREATE TABLE meta(k TEXT PRIMARY KEY, v INTEGER NOT NULL) WITHOUT ROWID");
    for _ in 0..2 {
        let store = SqliteStore::open(&folder.database(), Time::new().clock()).unwrap();
        store.admit(mail(1, 100), accept()).await.unwrap();
    }
    assert_eq!(schema(&folder), SCHEMA_VERSION);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = Folder::new();
    std::fs::write(folder.database(), "this is a letter, not a database ".repeat(100)).unwrap();
    let error = SqliteStore::open(&folder.database(), Time::new().clock()).unwrap_err();
    assert!(matches!(error, OpenError::File { .. }), "{error}");
    assert!(error.to_string().contains("render-signal.db"), "{error}");
}

#[test]
fn one_server_owns_a_data_directory() {
    let folder = Folder::new();
    let lock = folder.lock().unwrap();
    assert_eq!(lock.database(), folder.database());
    let error = folder.lock().unwrap_err();
    assert!(matches!(error, DataDirError::Taken(_)), "{error}");
    drop(lock);
    folder.lock().unwrap();
}

#[test]
fn a_data_directory_is_made_when_it_is_not_there() {
    let folder = Folder::new();
    let deep = folder.path().join("a/b");
    super::super::DataDirLock::take(&deep).unwrap();
    assert!(deep.is_dir());
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = super::super::DataDirLock::take(&folder.path().join("file")).unwrap_err();
    assert!(matches!(error, DataDirError::Unusable { .. }), "{error}");
}

#[tokio::test]
async fn a_restart_makes_the_leases_of_the_former_server_void() {
    let home = Home::new();
    home.store.admit(mail(1, 100), accept()).await.unwrap();
    let before = home.store.lease_due(ALL).await.unwrap().leases.remove(0);
    home.store.void_leases().await.unwrap();
    assert_eq!(home.store.renew(&before.token).await, Ok(false), "its holder is stale");
    let after = home.store.lease_due(ALL).await.unwrap().leases.remove(0);
    assert_eq!((&after.mail.id, &after.work), (&before.mail.id, &Work::Process), "due again at once");
    assert!(after.token.fence > before.token.fence);
}

#[tokio::test]
async fn a_success_of_the_former_server_still_counts() {
    let home = Home::new();
    let token = delivering(&home).await;
    home.store.void_leases().await.unwrap();
    let report = Report { attempt: None::<Attempt>, next: Next::Delivered };
    assert_eq!(home.store.record(&token, report).await, Ok(Recorded::Stale));
    assert!(home.store.lease_due(ALL).await.unwrap().leases.is_empty());
}

#[tokio::test]
async fn two_stores_on_one_file_see_each_others_writes() {
    let home = Home::new();
    let other = home.another();
    home.store.admit(mail(1, 100), accept()).await.unwrap();
    assert!(matches!(other.admit(mail(1, 100), accept()).await, Ok(Admitted::Known { .. })));
    assert!(other.life(&mail(1, 0).id).await.unwrap().is_some());
    let lease = other.lease_due(ALL).await.unwrap().leases.remove(0);
    assert!(home.store.lease_due(ALL).await.unwrap().leases.is_empty());
    assert_eq!(home.store.renew(&lease.token).await, Ok(true));
    let write = Write {
        key: DocumentKey::RuntimeFlags,
        value: serde_json::json!({}),
        expected: Some(0),
        author: "x".to_owned(),
    };
    other.write(write.clone()).await.unwrap();
    assert!(home.store.write(write).await.is_err(), "a conflict");
    assert_eq!(home.store.admit(mail(2, 100), accept()).await, Ok(Admitted::StaleConfig { current: 1 }));
}

#[tokio::test]
async fn a_mail_that_does_not_read_stops_no_other_and_is_never_sent_in_part() {
    let damages = [
        "DELETE FROM bodies WHERE k = 64 + 1",
        "UPDATE mails SET source = 'smoke' WHERE seq = 1",
        "UPDATE bodies SET data = cast(zeroblob(1048576) AS TEXT) WHERE k = 64",
    ];
    for damage in damages {
        let home = Home::new();
        home.store.admit(mail(1, 3 << 20), accept()).await.unwrap();
        home.store.admit(mail(2, 100), accept()).await.unwrap();
        home.connection().execute_batch(damage).unwrap();
        let leases = home.store.lease_due(ALL).await.unwrap().leases;
        let handed: Vec<_> = leases.iter().map(|lease| &lease.mail.id).collect();
        assert_eq!(handed, [&mail(2, 0).id], "{damage}");
        let events = home.store.life(&mail(1, 0).id).await.unwrap().unwrap().events;
        assert_eq!(events.last().unwrap().code, "store_corrupt", "{damage}");
        assert!(home.store.lease_due(ALL).await.unwrap().leases.is_empty(), "{damage}");
    }
}

#[tokio::test]
async fn a_document_that_does_not_read_takes_no_other_with_it() {
    let home = Home::new();
    for key in [DocumentKey::RoutingRules, DocumentKey::RuntimeFlags] {
        let value = serde_json::json!({"a": 1});
        home.store.write(Write { key, value, expected: None, author: "x".to_owned() }).await.unwrap();
    }
    home.connection().execute_batch("UPDATE documents SET value = '{\"a\":' WHERE k = 'routing_rules'").unwrap();
    let Loaded { version, documents, .. } = home.store.load().await.unwrap();
    let values: Vec<_> = documents.iter().map(|document| (document.key, document.value.clone())).collect();
    let expected = [
        (DocumentKey::RoutingRules, serde_json::json!("{\"a\":")),
        (DocumentKey::RuntimeFlags, serde_json::json!({"a": 1})),
    ];
    assert_eq!((version, values), (2, expected.to_vec()));
}

/// The token of a delivery in flight.
async fn delivering(home: &Home) -> LeaseToken {
    use render_signal::delivery::DeliveryId;
    use render_signal::ledger::{NewDelivery, Plan, Planned};
    home.store.admit(mail(1, 100), accept()).await.unwrap();
    let lease = home.store.lease_due(ALL).await.unwrap().leases.remove(0);
    let delivery = NewDelivery {
        id: DeliveryId::derive(&lease.mail.id, "a", 0),
        target: "a".to_owned(),
        url: "https://hooks.example/a".to_owned(),
        priority: render_signal::rules::Priority::Normal,
        facts: render_signal::delivery::payload::Facts::default(),
    };
    let plan = Plan::Deliver { deliveries: vec![delivery], detector: None };
    match home.store.plan(&lease.token, plan, ALL).await.unwrap() {
        Planned::Recorded(mut jobs) => jobs.remove(0).0,
        Planned::Stale => panic!("the lease is still good"),
    }
}

fn sql(folder: &Folder, statement: &str) {
    rusqlite::Connection::open(folder.database()).unwrap().execute_batch(statement).unwrap();
}

fn schema(folder: &Folder) -> i64 {
    let connection = rusqlite::Connection::open(folder.database()).unwrap();
    connection.query_row("SELECT v FROM meta WHERE k = 'schema'", [], |row| row.get(0)).unwrap()
}

/// The tables' definitions and the number of rows in each.
fn dump(folder: &Folder) -> Vec<(String, i64)> {
    let connection = rusqlite::Connection::open(folder.database()).unwrap();
    let mut statement = connection
        .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap();
    let tables = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).unwrap();
    tables
        .map(|table| {
            let (name, definition) = table.unwrap();
            let count =
                connection.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0)).unwrap_or(-1);
            (format!("{name}: {definition}"), count)
        })
        .collect()
}
