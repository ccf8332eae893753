//! The object that holds rows, claims, schedule and leases.

use super::sql::{ObjectSql, Undone, transaction};
use crate::system::WorkerClock;
use render_signal::sql::{Answer, Call, Store, Tables, migrate};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// One object for the whole ledger: what is decided here is decided once.
#[durable_object(fetch)]
pub struct Ledger {
    state: State,
    /// Why the tables could not be prepared, told to every caller.
    broken: Option<String>,
}

impl DurableObject for Ledger {
    fn new(state: State, _env: Env) -> Self {
        let storage = state.storage();
        let sql = ObjectSql(storage.sql());
        let broken = transaction(&storage, move || migrate(&sql, Tables::Ledger)).err().map(|undone| match undone {
            Undone::RolledBack(error) => error.to_string(),
            Undone::NotCommitted(error) => error,
        });
        Self { state, broken }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        if let Some(broken) = &self.broken {
            return Response::error(broken.clone(), 500);
        }
        let call = match Call::read(&request.bytes().await?) {
            Ok(call) => call,
            Err(error) => return Response::error(format!("the call is {error}"), 400),
        };
        let storage = self.state.storage();
        let sql = ObjectSql(storage.sql());
        let answer = transaction(&storage, move || match Store::new(&sql, WorkerClock::time()).answer(&call) {
            Answer::Commit(bytes) => Ok(bytes),
            Answer::RollBack(bytes) => Err(bytes),
        });
        match answer {
            Ok(bytes) | Err(Undone::RolledBack(bytes)) => Response::from_bytes(bytes),
            Err(Undone::NotCommitted(error)) => Response::error(error, 500),
        }
    }
}
