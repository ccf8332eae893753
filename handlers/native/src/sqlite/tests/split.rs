//! The ledger and the documents in databases of their own, as on Cloudflare: what keeps them of one mind.

use super::super::connection::Connection;
use super::folder::{Folder, START, accept, mail};
use render_signal::calendar::Timestamp;
use render_signal::config::DocumentKey;
use render_signal::ledger::{Admission, Admitted};
use render_signal::ports::Write;
use render_signal::sql::{Listener, Sql, Store, Tables, migrate};

struct Database {
    connection: Connection,
    _folder: Folder,
}

impl Database {
    fn new(tables: Tables) -> Self {
        let folder = Folder::new();
        let connection = Connection::open_writer(&folder.database()).unwrap();
        migrate(&connection, tables).unwrap();
        migrate(&connection, tables).unwrap();
        Self { connection, _folder: folder }
    }

    fn store(&self) -> Store<'_, Connection> {
        Store::new(&self.connection, Timestamp::from_millis(START))
    }

    fn tables(&self) -> Vec<String> {
        let rows = self.connection.query("SELECT group_concat(name) FROM sqlite_schema WHERE type = 'table'", &[]);
        rows.unwrap().into_iter().map(|row| format!("{:?}", row.0)).collect()
    }
}

fn write(documents: &Database) {
    let value = serde_json::json!({});
    let write = Write { key: DocumentKey::RuntimeFlags, value, expected: None, author: "x".to_owned() };
    documents.store().write_document(&write).unwrap();
}

fn admit(ledger: &Database, n: u32, config_version: u64) -> Admitted {
    ledger.store().admit(&mail(n, 10), &Admission { config_version, ..accept() }).unwrap()
}

#[test]
fn neither_carries_the_other_s_tables() {
    let (ledger, documents) = (Database::new(Tables::Ledger).tables(), Database::new(Tables::Documents).tables());
    assert!(ledger[0].contains("mails") && !ledger[0].contains("documents"), "{ledger:?}");
    assert!(documents[0].contains("documents") && !documents[0].contains("mails"), "{documents:?}");
}

#[test]
fn a_ledger_that_was_told_sends_back_what_was_decided_before() {
    let (ledger, documents) = (Database::new(Tables::Ledger), Database::new(Tables::Documents));
    assert!(matches!(admit(&ledger, 1, 0), Admitted::Queued(_)));
    write(&documents);
    let (version, _) = documents.store().load_documents().unwrap();
    assert_eq!(admit(&ledger, 2, version), Admitted::StaleConfig { current: 0 }, "a reader was faster");
    assert_eq!(ledger.store().know_config(version), Ok(version));
    assert_eq!(ledger.store().know_config(0), Ok(version), "what is known stays known");
    assert!(ledger.store().know_config(1 << 53).is_err(), "more than a Durable Object would read back");
    assert_eq!(admit(&ledger, 2, 0), Admitted::StaleConfig { current: version });
    assert!(matches!(admit(&ledger, 2, version), Admitted::Queued(_)));
}

#[test]
fn documents_that_were_lost_get_past_what_the_ledger_knows() {
    let documents = Database::new(Tables::Documents);
    write(&documents);
    for (known, version) in [(7, 8), (3, 8), (8, 8)] {
        documents.store().outgrow_config(known).unwrap();
        assert_eq!(documents.store().load_documents().unwrap().0, version, "{known}");
    }
}

#[test]
fn each_listener_hears_of_each_version() {
    let documents = Database::new(Tables::Documents);
    for version in 0..3 {
        for listener in [Listener::Ledger, Listener::Copy] {
            assert_eq!(documents.store().untold(listener), Ok(Some(version)), "{listener:?}");
            documents.store().told(listener, version).unwrap();
            assert_eq!(documents.store().untold(listener), Ok(None), "{listener:?}");
        }
        write(&documents);
    }
    documents.store().told(Listener::Copy, 3).unwrap();
    documents.store().told(Listener::Copy, 2).unwrap();
    assert_eq!(documents.store().untold(Listener::Copy), Ok(None), "an older telling that ends late");
    assert_eq!(documents.store().untold(Listener::Ledger), Ok(Some(3)));
}
