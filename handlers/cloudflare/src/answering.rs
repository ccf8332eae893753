//! What every object of ours does with a request: run the call in it on its own storage, in one transaction.

use crate::storage::{LIMIT, ObjectSql, Undone, transaction};
use render_signal::calendar::Timestamp;
use render_signal::ledger::Fullness;
use render_signal::sql::{Answer, Call, Store, Tables, migrate};
use worker::{Request, Response, Result, Storage};

/// Prepares an object's tables. Returns why they cannot be used, to be told to every caller.
pub(crate) fn prepare(storage: &Storage, tables: Tables) -> Option<String> {
    let sql = ObjectSql(storage.sql());
    transaction(storage, move || migrate(&sql, tables)).err().map(|undone| undone.to_string())
}

/// The call that a request carries, or the answer to one that carries none.
pub(crate) async fn read(mut request: Request) -> Result<core::result::Result<Call, Response>> {
    match Call::read(&request.bytes().await?) {
        Ok(call) => Ok(Ok(call)),
        Err(error) => Response::error(format!("the call is {error}"), 400).map(Err),
    }
}

/// Runs a call, and `after` in the same transaction when it stands. A call that is another object's fails on the tables that are
/// not there.
pub(crate) fn answer<T: 'static>(
    storage: &Storage,
    now: Timestamp,
    call: Call,
    after: impl FnOnce(&Store<'_, ObjectSql>) -> T + 'static,
) -> (Result<Response>, Option<T>) {
    let sql = ObjectSql(storage.sql());
    let outcome = transaction(storage, move || {
        let store = match &call {
            Call::Admit(..) => Store::new(&sql, now).filled(fullness(&sql)),
            _ => Store::new(&sql, now),
        };
        match store.answer(&call) {
            Answer::Commit(bytes) => Ok((bytes, after(&store))),
            Answer::RollBack(bytes) => Err(bytes),
        }
    });
    match outcome {
        Ok((bytes, seen)) => (Response::from_bytes(bytes), Some(seen)),
        Err(Undone::RolledBack(bytes)) => (Response::from_bytes(bytes), None),
        Err(Undone::NotCommitted(error)) => (Response::error(error, 500), None),
    }
}

fn fullness(sql: &ObjectSql) -> Fullness {
    Fullness { used: u64::try_from(sql.0.database_size()).unwrap_or(u64::MAX), limit: Some(LIMIT) }
}
