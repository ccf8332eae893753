//! The object that holds rows, claims, schedule, leases and, for now, the configuration documents.

use super::sql::{ObjectSql, transaction};
use crate::system::WorkerClock;
use render_signal::sql::{Answer, Call, Store, migrate};
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
        let broken = transaction(&storage, move || migrate(&sql).map_err(|error| error.to_string())).err();
        Self { state, broken }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        if let Some(broken) = &self.broken {
            return Response::error(broken.clone(), 500);
        }
        #[cfg(feature = "test-build")]
        crate::testing::pass(crate::testing::Point::Object);
        let call: Call = match serde_json::from_str(&request.text().await?) {
            Ok(call) => call,
            Err(error) => return Response::error(format!("not a call: {error}"), 400),
        };
        let storage = self.state.storage();
        let sql = ObjectSql(storage.sql());
        let answer = transaction(&storage, move || {
            let answer = Store::new(&sql, WorkerClock::time()).answer(&call);
            #[cfg(feature = "test-build")]
            crate::testing::pass(crate::testing::Point::Ledger);
            match answer {
                Answer::Commit(text) => Ok(text),
                Answer::RollBack(text) => Err(text),
            }
        });
        match answer {
            Ok(text) | Err(text) => Response::ok(text),
        }
    }
}
