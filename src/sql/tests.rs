//! What can be said without a database. What the statements do is the ports' contract, run on real ones.

use super::lease::{delivery_of, delivery_work, priority, process_work, rank};
use super::{Cell, MigrationError, Param, Row, SCHEMA_VERSION, Sql, SqlError, Tables, migrate};
use crate::ledger::{LedgerError, MailState};
use crate::rules::Priority;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A store of a schema version, which notes what it is asked.
struct Noted {
    version: Option<i64>,
    statements: RefCell<Vec<&'static str>>,
}

impl Sql for Noted {
    fn query(&self, statement: &'static str, _: &[Param<'_>]) -> Result<Vec<Row>, SqlError> {
        self.statements.borrow_mut().push(statement);
        let version = self.version.filter(|_| statement.starts_with("SELECT v FROM meta"));
        Ok(version.into_iter().map(|version| Row(vec![Cell::Int(version)])).collect())
    }
}

fn migrated(version: Option<i64>, tables: Tables) -> (Result<(), MigrationError>, usize) {
    let store = Noted { version, statements: RefCell::default() };
    let result = migrate(&store, tables);
    let made = store.statements.borrow().iter().filter(|statement| statement.starts_with("CREATE TABLE ")).count();
    (result, made.saturating_sub(1)) // the first makes `meta`, if it is not there
}

#[test]
fn tables_are_made_once() {
    assert_eq!(migrated(Some(SCHEMA_VERSION), Tables::All), (Ok(()), 0));
    let [all, ledger, documents] = [Tables::All, Tables::Ledger, Tables::Documents].map(|tables| {
        let (result, made) = migrated(None, tables);
        assert_eq!(result, Ok(()));
        made
    });
    assert!(all >= 8, "{all} tables");
    assert_eq!((documents, ledger), (1, all - 1));
}

#[test]
fn a_newer_store_is_refused_untouched() {
    let found = SCHEMA_VERSION + 1;
    assert_eq!(migrated(Some(found), Tables::All), (Err(MigrationError::Newer { found }), 0));
}

#[test]
fn the_work_of_mails_and_deliveries_never_meets() {
    let mut seen = BTreeSet::new();
    for seq in [1, 2, 3, 1 << 40] {
        assert_eq!((delivery_of(process_work(seq)), delivery_of(delivery_work(seq))), (None, Some(seq)));
        assert_eq!(process_work(seq) / 2, seq);
        assert!(seen.insert(process_work(seq)) && seen.insert(delivery_work(seq)));
    }
}

#[test]
fn priorities_are_stored_in_their_order() {
    let order = [Priority::High, Priority::Normal, Priority::Low];
    assert!(order.windows(2).all(|pair| rank(pair[0]) < rank(pair[1])));
    assert_eq!(order.map(|own| priority(rank(own))), order);
}

#[test]
fn what_is_not_of_its_kind_is_corrupt_never_a_guess() {
    let row = Row(vec![Cell::Text("x".to_owned()), Cell::Int(1), Cell::Null, Cell::Blob(vec![1])]);
    let corrupt = |error: LedgerError| assert_eq!(error.code(), "store_corrupt");
    corrupt(row.int(0).unwrap_err());
    corrupt(row.text(1).unwrap_err());
    corrupt(row.int(2).unwrap_err());
    corrupt(row.text(2).unwrap_err());
    corrupt(row.opt_int(3).unwrap_err());
    corrupt(row.at(9).unwrap_err());
    corrupt(row.parsed(0, MailState::parse).unwrap_err());
    corrupt(row.clone().into_blob().unwrap_err());
    assert_eq!((row.opt_int(2), row.opt_text(2), row.int(1)), (Ok(None), Ok(None), Ok(1)));
}

/// Decision 23: the native SQLite says it in words, a Durable Object adds the code's name.
#[test]
fn a_full_database_is_told_from_one_that_does_not_answer() {
    for full in ["database or disk is full", "database or disk is full: SQLITE_FULL", "SQLITE_FULL: no room"] {
        assert_eq!(LedgerError::from(SqlError(full.to_owned())), LedgerError::Full, "{full}");
    }
    assert_eq!(LedgerError::from(SqlError("disk I/O error".to_owned())).code(), "store_unavailable");
}
