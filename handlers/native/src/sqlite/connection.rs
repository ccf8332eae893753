//! A SQLite connection, as the core's statements want it.

use render_signal::sql::{Cell, Param, Row, Sql, SqlError};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{OpenFlags, ToSql};
use std::path::Path;
use std::time::Duration;

/// How long a statement waits for another process (the command line, beside a running server).
const BUSY: Duration = Duration::from_secs(5);

/// A connection with its statements prepared once.
#[derive(Debug)]
pub(super) struct Connection(rusqlite::Connection);

impl Connection {
    /// The connection that writes. Makes the file if it is not there.
    pub(super) fn open_writer(path: &Path) -> Result<Self, rusqlite::Error> {
        let connection = rusqlite::Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL syncs the log at every commit: what is answered as taken survives a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(Self(connection))
    }

    /// A connection that only reads, beside the writer.
    pub(super) fn open_reader(path: &Path) -> Result<Self, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self(connection))
    }

    /// Runs a step in a transaction of its own: committed on `Ok`, rolled back on `Err`.
    pub(super) fn transaction<T, E: From<SqlError>>(&self, step: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        self.command("BEGIN IMMEDIATE")?;
        match step(self) {
            Ok(value) => self.command("COMMIT").map(|()| value).map_err(E::from),
            Err(error) => {
                self.command("ROLLBACK")?;
                Err(error)
            }
        }
    }

    /// Runs a step inside the open transaction: what it wrote is undone on `Err`, without touching the others' steps.
    pub(super) fn step<T, E: From<SqlError>>(&self, step: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        self.command("SAVEPOINT step")?;
        let result = step(self);
        if result.is_err() {
            self.command("ROLLBACK TO step")?;
        }
        self.command("RELEASE step")?;
        result
    }

    /// Runs a step that only reads, and sees the database as it stood at one instant.
    pub(super) fn snapshot<T, E: From<SqlError>>(&self, step: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        self.command("BEGIN")?;
        let _ended = Snapshot(self);
        step(self)
    }

    /// Bytes of the file that hold nothing and are used again before it grows.
    pub(super) fn free_bytes(&self) -> Result<u64, SqlError> {
        let number = |statement| match self.query(statement, &[])?.first().and_then(|row| row.0.first()) {
            Some(Cell::Int(value)) => Ok(u64::try_from(*value).unwrap_or(0)),
            _ => Err(SqlError(format!("{statement}: no number"))),
        };
        Ok(number("PRAGMA freelist_count")?.saturating_mul(number("PRAGMA page_size")?))
    }

    /// Runs a statement without parameters or rows.
    pub(super) fn command(&self, statement: &'static str) -> Result<(), SqlError> {
        self.query(statement, &[]).map(|_| ())
    }
}

/// An open read transaction. It ends however its step does, a panic included: one left open would see that instant for ever.
struct Snapshot<'a>(&'a Connection);

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let _ = self.0.command("ROLLBACK");
    }
}

impl Sql for Connection {
    fn query(&self, statement: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, SqlError> {
        run(&self.0, statement, params).map_err(|error| SqlError(error.to_string()))
    }
}

fn run(
    connection: &rusqlite::Connection,
    statement: &'static str,
    params: &[Param<'_>],
) -> Result<Vec<Row>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(statement)?;
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(params.iter().map(Bound)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Row((0..columns).map(|column| row.get_ref(column).map(cell)).collect::<Result<_, _>>()?));
    }
    Ok(found)
}

/// A parameter on its way to SQLite.
struct Bound<'a>(&'a Param<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, rusqlite::Error> {
        Ok(match *self.0 {
            Param::Null => ToSqlOutput::Owned(Value::Null),
            Param::Int(value) => ToSqlOutput::Owned(Value::Integer(value)),
            Param::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Param::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Int(value),
        // No column holds fractions; one that did is rounded to what the ledger can hold.
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        ValueRef::Real(value) => Cell::Int(value as i64),
        // Text that is none is handed on as bytes, which no column of text expects: a damaged row, told as such.
        ValueRef::Text(bytes) => match String::from_utf8(bytes.to_vec()) {
            Ok(text) => Cell::Text(text),
            Err(error) => Cell::Blob(error.into_bytes()),
        },
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
    }
}
