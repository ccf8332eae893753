//! The published copy of the documents, as text: what a reader finds when their store does not answer.
//!
//! It holds the stored documents whole. They hold no secret of ours: secrets are settings of the environment, and no document
//! has a place for one.

use super::DocumentKey;
use crate::calendar::Timestamp;
use crate::ports::{ConfigError, Loaded, Origin, StoredDocument};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    documents: &'a [StoredDocument],
}

/// The copy to publish.
pub fn write_copy(version: u64, documents: &[StoredDocument]) -> Result<String, ConfigError> {
    serde_json::to_string(&Written { version, documents })
        .map_err(|error| ConfigError::Unavailable(format!("its copy cannot be written: {error}")))
}

/// The documents in a published copy, which is read because of `cause`.
pub fn read_copy(text: &str, cause: String) -> Result<Loaded, ConfigError> {
    let read = || {
        let copy: Value = serde_json::from_slice(text.as_bytes()).ok()?;
        let version = copy.get("version")?.as_u64()?;
        // A document that this server does not know was published by a newer one: it is left alone.
        let known = copy.get("documents")?.as_array()?.iter().filter(|stored| key(stored).is_some());
        Some((version, known.map(document).collect::<Option<_>>()?))
    };
    // What is wrong with it is not said: the message must hold nothing of a document.
    let (version, documents) = read().ok_or_else(|| ConfigError::Unavailable("its copy is not readable".to_owned()))?;
    Ok(Loaded { version, documents, origin: Origin::Copy { cause } })
}

/// A document as [`write_copy`] wrote it. By hand, because the code of another derived reader is three kilobytes of the Worker.
fn document(stored: &Value) -> Option<StoredDocument> {
    Some(StoredDocument {
        key: key(stored)?,
        version: stored.get("version")?.as_u64()?,
        value: stored.get("value")?.clone(),
        at: Timestamp::from_millis(stored.get("at")?.as_i64()?),
        author: stored.get("author")?.as_str()?.to_owned(),
    })
}

fn key(stored: &Value) -> Option<DocumentKey> {
    DocumentKey::parse(stored.get("key")?.as_str()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(key: DocumentKey, value: Value) -> StoredDocument {
        StoredDocument { key, version: 3, value, at: Timestamp::from_millis(7), author: "x".to_owned() }
    }

    #[test]
    fn a_copy_is_read_as_it_was_written() {
        let value = json!({"été": [1.5, null], "big": 9_007_199_254_740_993_i64});
        let documents = vec![document(DocumentKey::RoutingRules, value), document(DocumentKey::Detectors, json!("x"))];
        let text = write_copy(12, &documents).unwrap();
        let loaded = read_copy(&text, "why".to_owned()).unwrap();
        assert_eq!(loaded, Loaded { version: 12, documents, origin: Origin::Copy { cause: "why".to_owned() } });
    }

    #[test]
    fn a_newer_server_s_document_does_not_take_the_others_with_it() {
        let known = document(DocumentKey::RoutingRules, json!({}));
        let mut text: Value = serde_json::from_str(&write_copy(1, core::slice::from_ref(&known)).unwrap()).unwrap();
        text["documents"].as_array_mut().unwrap().insert(0, json!({"key": "to_come", "more": true}));
        assert_eq!(read_copy(&text.to_string(), String::new()).unwrap().documents, [known]);
    }

    #[test]
    fn what_is_no_copy_is_an_outage_that_tells_nothing_of_it() {
        let broken = r#"{"version":1,"documents":[{"key":"detectors","value":"s3cret"}]}"#;
        for text in ["", "{}", "[object Object]", r#"{"version":-1,"documents":[]}"#, r#"{"version":1}"#, broken] {
            let error = read_copy(text, String::new()).unwrap_err();
            assert!(matches!(&error, ConfigError::Unavailable(why) if !why.contains("s3cret")), "{text}: {error}");
        }
    }
}
