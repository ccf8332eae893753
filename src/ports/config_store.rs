//! Where the configuration documents live.

use crate::calendar::Timestamp;
use crate::config::DocumentKey;
use serde::{Deserialize, Serialize};

/// A document as stored, with who wrote it and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredDocument {
    /// Which document.
    pub key: DocumentKey,
    /// Its own version, counted from 1.
    pub version: u64,
    /// The document, as JSON.
    #[serde(with = "crate::as_text")]
    pub value: serde_json::Value,
    /// When this version was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: String,
}

/// A write that replaces a whole document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// Which document.
    pub key: DocumentKey,
    /// The new content.
    #[serde(with = "crate::as_text")]
    pub value: serde_json::Value,
    /// The version this write was made from; 0 when the document did not exist. `None` writes over whatever is there.
    pub expected: Option<u64>,
    /// Who writes.
    pub author: String,
}

/// Why a document could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ConfigError {
    /// Somebody else wrote first. The caller reads the current version and decides again.
    #[error("the document is at version {current} now")]
    Conflict {
        /// The version the document has now.
        current: u64,
    },
    /// The store did not answer. Nothing was written, as far as it is known.
    #[error("the configuration store is unavailable: {0}")]
    Unavailable(String),
}

/// The documents as read.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The version of the whole, which grows with each write of any document.
    pub version: u64,
    /// Every stored document.
    pub documents: Vec<StoredDocument>,
    /// Where they were read.
    pub origin: Origin,
}

/// Where documents were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Where they are written: this is what holds now.
    Primary,
    /// A copy, because the primary did not answer: newer documents may exist.
    Copy {
        /// Why the primary did not answer, for the operator.
        cause: String,
    },
}

/// The documents, with one version number over all of them.
///
/// **Failure:** reading falls back to a copy where the home keeps one, and says so; writing never does.
pub trait ConfigStore {
    /// Every stored document.
    async fn load(&self) -> Result<Loaded, ConfigError>;

    /// Replaces one document and keeps the former version. Not idempotent: a repeated write with the same `expected`
    /// is a conflict.
    async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError>;
}
