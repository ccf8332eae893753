//! A Durable Object's SQLite: the core's statements on it, and transactions.

use core::cell::RefCell;
use js_sys::{Function, Reflect};
use render_signal::sql::{Cell, Param, Row, Sql, SqlError};
use std::rc::Rc;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::prelude::Closure;
use worker::{SqlStorage, SqlStorageValue, Storage};

/// What an object may hold: the platform's limit of an object on the paid plan, in bytes.
pub(crate) const LIMIT: u64 = 10_000_000_000;

/// The object's SQL storage.
pub(crate) struct ObjectSql(pub(crate) SqlStorage);

impl Sql for ObjectSql {
    fn query(&self, statement: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, SqlError> {
        let params: Vec<SqlStorageValue> = params.iter().map(value).collect();
        let cursor = self.0.exec(statement, params).map_err(failed)?;
        // Never `one()`: on no rows it leaves the caller without an answer.
        cursor.raw().map(|row| row.map_err(failed).and_then(cells)).collect()
    }
}

fn value(param: &Param<'_>) -> SqlStorageValue {
    match *param {
        Param::Null => SqlStorageValue::Null,
        Param::Int(value) => SqlStorageValue::Integer(value),
        Param::Text(text) => SqlStorageValue::String(text.to_owned()),
        Param::Blob(bytes) => SqlStorageValue::Blob(bytes.to_vec()),
    }
}

fn cells(row: Vec<SqlStorageValue>) -> Result<Row, SqlError> {
    let cell = |value| match value {
        SqlStorageValue::Null => Ok(Cell::Null),
        SqlStorageValue::Integer(value) => Ok(Cell::Int(value)),
        SqlStorageValue::String(text) => Ok(Cell::Text(text)),
        SqlStorageValue::Blob(bytes) => Ok(Cell::Blob(bytes)),
        SqlStorageValue::Boolean(_) | SqlStorageValue::Float(_) => {
            Err(SqlError("a value of an unexpected kind".to_owned()))
        }
    };
    Ok(Row(row.into_iter().map(cell).collect::<Result<_, _>>()?))
}

fn failed(error: impl core::fmt::Display) -> SqlError {
    SqlError(error.to_string())
}

/// Why a step left nothing behind.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undone<E> {
    /// The step said so.
    #[error("{0}")]
    RolledBack(E),
    /// The platform did not run or did not commit it.
    #[error("{0}")]
    NotCommitted(String),
}

/// Runs a step in one transaction: committed on `Ok`, rolled back on `Err`. `transactionSync` has no wrapper.
pub(crate) fn transaction<T: 'static, E: 'static>(
    storage: &Storage,
    step: impl FnOnce() -> Result<T, E> + 'static,
) -> Result<T, Undone<E>> {
    let raw: &JsValue = storage.as_raw().as_ref();
    let outcome: Rc<RefCell<Option<Result<T, E>>>> = Rc::default();
    let kept = Rc::clone(&outcome);
    let callback = Closure::once_into_js(core::panic::AssertUnwindSafe(move || -> Result<JsValue, JsValue> {
        let result = step();
        let thrown = result.is_err();
        *kept.borrow_mut() = Some(result);
        if thrown { Err(js_sys::Error::new("rolled back").into()) } else { Ok(JsValue::UNDEFINED) }
    }));
    let committed = Reflect::get(raw, &"transactionSync".into())
        .and_then(worker::wasm_bindgen::JsCast::dyn_into::<Function>)
        .and_then(|function| function.call1(raw, &callback));
    let result = outcome.borrow_mut().take();
    match (result, committed) {
        (Some(Ok(value)), Ok(_)) => Ok(value),
        (Some(Err(error)), _) => Err(Undone::RolledBack(error)),
        (_, Err(error)) => {
            Err(Undone::NotCommitted(format!("the transaction was not committed: {}", worker::Error::from(error))))
        }
        (None, Ok(_)) => Err(Undone::NotCommitted("the transaction did not run".to_owned())),
    }
}
