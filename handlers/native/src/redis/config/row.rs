//! What the scripts answer, as documents.

use render_signal::calendar::Timestamp;
use render_signal::config::DocumentKey;
use render_signal::ports::StoredDocument;
use serde_json::Value;

/// A version of a document: name, number, time, author, text. Without a text it says that the document is not there.
pub(super) type Row = (String, u64, i64, String, Vec<u8>);

/// The document, unless it is not there, or one that this server does not know.
pub(super) fn document((name, version, at, author, text): Row) -> Option<StoredDocument> {
    let key = DocumentKey::parse(&name).filter(|_| !text.is_empty())?;
    Some(StoredDocument { key, version, value: value(&text), at: Timestamp::from_millis(at), author })
}

/// A document that is damaged is handed on as the text it holds, which its reader reports: it must not take the others with it.
fn value(text: &[u8]) -> Value {
    serde_json::from_slice(text).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(text).into_owned()))
}
