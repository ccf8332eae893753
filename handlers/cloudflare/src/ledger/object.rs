//! The object that holds rows, claims, schedule and leases.

use super::sql::{ObjectSql, transaction};
use crate::answering::answer;
use render_signal::sql::{Tables, migrate};
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
        let broken =
            transaction(&storage, move || migrate(&sql, Tables::Ledger).map_err(|error| error.to_string())).err();
        Self { state, broken }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        if let Some(broken) = &self.broken {
            return Response::error(broken.clone(), 500);
        }
        answer(&self.state.storage(), request).await
    }
}
