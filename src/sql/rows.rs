//! The little of SQL that both `SQLites` share: statements, parameters, rows.

use crate::ledger::LedgerError;

/// A connection inside a transaction.
pub trait Sql {
    /// Runs one statement to its end and returns all its rows. At most 100 parameters (a Durable Object's limit).
    fn query(&self, statement: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, SqlError>;
}

/// Why a statement did not run, in the words of the database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SqlError(pub String);

impl From<SqlError> for LedgerError {
    fn from(error: SqlError) -> Self {
        // The words of SQLite itself, and the name that a Durable Object gives them.
        if error.0.contains("database or disk is full") || error.0.contains("SQLITE_FULL") {
            return Self::Full;
        }
        Self::Unavailable(error.0)
    }
}

/// A value given to a statement.
#[derive(Debug, Clone, Copy)]
pub enum Param<'a> {
    /// NULL.
    Null,
    /// An integer; within ±2^53, because a Durable Object hands it over as a JavaScript number.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Param<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<crate::calendar::Timestamp> for Param<'_> {
    fn from(value: crate::calendar::Timestamp) -> Self {
        Self::Int(value.as_millis())
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// NULL.
    Null,
    /// An integer.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// One row, its cells in the order of the statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<Cell>);

impl Row {
    /// The integer in a column.
    pub(super) fn int(&self, column: usize) -> Result<i64, LedgerError> {
        self.opt_int(column)?.ok_or_else(|| unexpected(column))
    }

    /// The integer in a column that may be NULL.
    pub(super) fn opt_int(&self, column: usize) -> Result<Option<i64>, LedgerError> {
        match self.0.get(column) {
            Some(Cell::Int(value)) => Ok(Some(*value)),
            Some(Cell::Null) => Ok(None),
            _ => Err(unexpected(column)),
        }
    }

    /// The text in a column.
    pub(super) fn text(&self, column: usize) -> Result<String, LedgerError> {
        self.opt_text(column)?.ok_or_else(|| unexpected(column))
    }

    /// The text in a column that may be NULL.
    pub(super) fn opt_text(&self, column: usize) -> Result<Option<String>, LedgerError> {
        match self.0.get(column) {
            Some(Cell::Text(value)) => Ok(Some(value.clone())),
            Some(Cell::Null) => Ok(None),
            _ => Err(unexpected(column)),
        }
    }

    /// The text in a column, read as a value of the domain.
    pub(super) fn parsed<T>(&self, column: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T, LedgerError> {
        parse(&self.text(column)?).ok_or_else(|| unexpected(column))
    }

    /// The instant in a column.
    pub(super) fn at(&self, column: usize) -> Result<crate::calendar::Timestamp, LedgerError> {
        Ok(crate::calendar::Timestamp::from_millis(self.int(column)?))
    }

    /// The instant in a column that may be NULL.
    pub(super) fn opt_at(&self, column: usize) -> Result<Option<crate::calendar::Timestamp>, LedgerError> {
        Ok(self.opt_int(column)?.map(crate::calendar::Timestamp::from_millis))
    }

    /// The bytes in a column, taken out of the row.
    pub(super) fn into_blob(self) -> Result<Vec<u8>, LedgerError> {
        match self.0.into_iter().next() {
            Some(Cell::Blob(bytes)) => Ok(bytes),
            _ => Err(unexpected(0)),
        }
    }
}

/// What is read does not have the shape it was written with.
fn unexpected(column: usize) -> LedgerError {
    LedgerError::Corrupt(format!("column {column} is not of its kind"))
}
