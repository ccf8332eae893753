//! Reading what a script answers.

use redis::Value;
use render_signal::calendar::Timestamp;
use render_signal::ledger::LedgerError;

/// The values of one table that a script gave back, in their order. `false` and a missing field are none; so is the empty word,
/// which is how a row keeps a field that was taken away.
#[derive(Debug)]
pub(crate) struct Row(Vec<Value>);

impl Row {
    /// A value that must be a table.
    pub(crate) fn of(value: Value) -> Result<Self, LedgerError> {
        match value {
            Value::Array(values) => Ok(Self(values)),
            other => Err(LedgerError::Corrupt(format!("not a table: {}", kind(&other)))),
        }
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The text in a column, empty or not; `None` when there is none at all.
    pub(crate) fn any_text(&self, column: usize) -> Result<Option<String>, LedgerError> {
        match self.0.get(column) {
            None | Some(Value::Nil | Value::Boolean(false)) => Ok(None),
            Some(Value::BulkString(bytes)) => {
                String::from_utf8(bytes.clone()).map(Some).map_err(|_| unexpected(column))
            }
            Some(Value::SimpleString(text)) => Ok(Some(text.clone())),
            Some(Value::Int(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(unexpected(column)),
        }
    }

    /// The text in a column that may hold none.
    pub(crate) fn opt_text(&self, column: usize) -> Result<Option<String>, LedgerError> {
        Ok(self.any_text(column)?.filter(|text| !text.is_empty()))
    }

    /// The text in a column, which may be empty.
    pub(crate) fn text(&self, column: usize) -> Result<String, LedgerError> {
        self.any_text(column)?.ok_or_else(|| unexpected(column))
    }

    /// The whole number in a column that may hold none.
    pub(crate) fn opt_int(&self, column: usize) -> Result<Option<i64>, LedgerError> {
        match self.0.get(column) {
            Some(Value::Int(number)) => Ok(Some(*number)),
            _ => self.opt_text(column)?.map(|text| text.parse().map_err(|_| unexpected(column))).transpose(),
        }
    }

    /// The whole number in a column.
    pub(crate) fn int(&self, column: usize) -> Result<i64, LedgerError> {
        self.opt_int(column)?.ok_or_else(|| unexpected(column))
    }

    /// The count in a column.
    pub(crate) fn count(&self, column: usize) -> Result<u64, LedgerError> {
        u64::try_from(self.int(column)?).map_err(|_| unexpected(column))
    }

    /// The instant in a column that may hold none.
    pub(crate) fn opt_at(&self, column: usize) -> Result<Option<Timestamp>, LedgerError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_millis))
    }

    /// The text in a column, read as a value of the domain.
    pub(crate) fn parsed<T>(&self, column: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T, LedgerError> {
        parse(&self.text(column)?).ok_or_else(|| unexpected(column))
    }

    /// The text in a column that may hold none, read as a value of the domain.
    pub(crate) fn opt_parsed<T>(
        &self,
        column: usize,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, LedgerError> {
        self.opt_text(column)?.map(|text| parse(&text).ok_or_else(|| unexpected(column))).transpose()
    }

    /// The JSON in a column.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T, LedgerError> {
        match self.0.get(column) {
            Some(Value::BulkString(bytes)) => serde_json::from_slice(bytes).map_err(|_| unexpected(column)),
            _ => Err(unexpected(column)),
        }
    }

    /// Takes the text out of a column: for bodies, which are too large to copy.
    pub(crate) fn take_text(&mut self, column: usize) -> Result<String, LedgerError> {
        match self.0.get_mut(column).map(std::mem::take) {
            Some(Value::BulkString(bytes)) => String::from_utf8(bytes).map_err(|_| unexpected(column)),
            _ => Err(unexpected(column)),
        }
    }

    /// Takes a table out of a column; `None` when there is none.
    pub(crate) fn take_row(&mut self, column: usize) -> Result<Option<Self>, LedgerError> {
        match self.0.get_mut(column).map(std::mem::take) {
            None | Some(Value::Nil) => Ok(None),
            Some(value) => Self::of(value).map(Some),
        }
    }

    /// Takes the tables out of a column that holds a table of them.
    pub(crate) fn take_rows(&mut self, column: usize) -> Result<Vec<Self>, LedgerError> {
        match self.take_row(column)? {
            Some(rows) => rows.into_rows(),
            None => Ok(Vec::new()),
        }
    }

    /// The tables that this table is made of.
    pub(crate) fn into_rows(self) -> Result<Vec<Self>, LedgerError> {
        self.0.into_iter().map(Self::of).collect()
    }
}

/// What is read does not have the shape it was written with.
fn unexpected(column: usize) -> LedgerError {
    LedgerError::Corrupt(format!("column {column} is not of its kind"))
}

/// The name of a kind of value: never the value, which may be a mail.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nothing",
        Value::Int(_) => "a number",
        Value::BulkString(_) | Value::SimpleString(_) | Value::Okay => "a text",
        _ => "something else",
    }
}
