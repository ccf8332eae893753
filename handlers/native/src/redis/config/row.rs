//! What the scripts answer, as documents.

use redis::{FromRedisValue, Value as Answer};
use render_signal::calendar::Timestamp;
use render_signal::config::DocumentKey;
use render_signal::ports::{ConfigError, StoredDocument};
use serde_json::Value;

/// A version of a document: name, number, time, author, text.
pub(super) type Row = (String, u64, i64, String, Vec<u8>);

/// An answer that has the form it must have.
pub(super) fn read<T: FromRedisValue>(answer: Answer) -> Result<T, ConfigError> {
    redis::from_redis_value(answer).map_err(|error| ConfigError::Unavailable(format!("Redis answered {error}")))
}

/// The number and time of the version that was written.
pub(super) fn written(answer: Answer) -> Result<(u64, Timestamp), ConfigError> {
    if let Answer::Array(parts) = &answer
        && let [Answer::Int(current)] = parts.as_slice()
    {
        return Err(ConfigError::Conflict { current: u64::try_from(*current).unwrap_or(0) });
    }
    let (_, version, at, _, _): Row = read(answer)?;
    Ok((version, Timestamp::from_millis(at)))
}

/// The document, unless it is one that this server does not know.
pub(super) fn document((name, version, at, author, text): Row) -> Option<StoredDocument> {
    let key = DocumentKey::parse(&name)?;
    Some(StoredDocument { key, version, value: value(&text), at: Timestamp::from_millis(at), author })
}

/// A document that is damaged is handed on as the text it holds, which its reader reports: it must not take the others with it.
fn value(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(text).into_owned()))
}
