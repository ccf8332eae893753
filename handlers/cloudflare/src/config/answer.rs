//! What the object does with a request: it runs the call in it on its own storage, in one transaction.

use crate::ledger::{ObjectSql, Undone, transaction};
use crate::system::WorkerClock;
use render_signal::sql::{Answer, Call, Store};
use worker::{Request, Response, Result, Storage};

/// Runs a call. One to the ledger fails on tables that are not here.
pub(super) async fn answer(storage: &Storage, mut request: Request) -> Result<Response> {
    let call = match Call::read(&request.bytes().await?) {
        Ok(call) => call,
        Err(error) => return Response::error(format!("the call is {error}"), 400),
    };
    let sql = ObjectSql(storage.sql());
    let answer = transaction(storage, move || match Store::new(&sql, WorkerClock::time()).answer(&call) {
        Answer::Commit(bytes) => Ok(bytes),
        Answer::RollBack(bytes) => Err(bytes),
    });
    match answer {
        Ok(bytes) | Err(Undone::RolledBack(bytes)) => Response::from_bytes(bytes),
        Err(Undone::NotCommitted(error)) => Response::error(error, 500),
    }
}
