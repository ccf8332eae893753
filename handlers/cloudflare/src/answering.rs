//! What every object of ours does with a request: run the call in it on its own storage, in one transaction.

use crate::ledger::{ObjectSql, transaction};
use crate::system::WorkerClock;
use render_signal::sql::{Answer, Call, Store};
use worker::{Request, Response, Result, Storage};

/// Runs a call. One that is another object's fails on the tables that are not there.
pub(crate) async fn answer(storage: &Storage, mut request: Request) -> Result<Response> {
    let call: Call = match serde_json::from_str(&request.text().await?) {
        Ok(call) => call,
        Err(error) => return Response::error(format!("not a call: {error}"), 400),
    };
    let sql = ObjectSql(storage.sql());
    let answer = transaction(storage, move || match Store::new(&sql, WorkerClock::time()).answer(&call) {
        Answer::Commit(text) => Ok(text),
        Answer::RollBack(text) => Err(text),
    });
    match answer {
        Ok(text) | Err(text) => Response::ok(text),
    }
}
