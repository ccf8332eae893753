//! A document that may be saved.

use super::DocumentKey;
use crate::calendar::Timestamp;
use serde_json::{Map, Value};

/// What `version` says in a document that this product has saved. A document without it was written by the predecessor.
pub const FORMAT_VERSION: u64 = 1;

/// A document that passed its checks, normalised.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    key: DocumentKey,
    fields: Map<String, Value>,
}

impl Checked {
    /// `known` over `base`, marked as ours.
    pub(super) fn new(key: DocumentKey, mut base: Map<String, Value>, known: Map<String, Value>) -> Self {
        base.extend(known);
        base.insert("version".to_owned(), FORMAT_VERSION.into());
        Self { key, fields: base }
    }

    /// Which document it is.
    pub const fn key(&self) -> DocumentKey {
        self.key
    }

    /// Its fields, `version` among them.
    pub const fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// The value to store, saved at that instant: `_updated_at` is always refreshed.
    pub fn stamped(mut self, at: Timestamp) -> Value {
        self.fields.insert("_updated_at".to_owned(), at.to_rfc3339().into());
        Value::Object(self.fields)
    }
}
