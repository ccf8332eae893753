//! The configuration documents on Redis, side by side with containers of the predecessor.
//!
//! The documents lie where the predecessor has them, as plain JSON texts; their versions lie beside, where it does not look.

mod documents;
mod row;

#[cfg(test)]
mod tests;

use crate::redis::{Link, StoreTime};
use documents::PlainDocuments;
use render_signal::ports::{ConfigError, ConfigStore, Loaded, Origin, StoredDocument, Write};

/// The documents of a prefix.
#[derive(Debug)]
pub struct RedisConfig {
    documents: PlainDocuments,
}

impl RedisConfig {
    /// The documents under `prefix`.
    pub fn new(link: Link, prefix: &str, time: StoreTime) -> Self {
        Self { documents: PlainDocuments::new(link, prefix, time) }
    }
}

/// The key that holds the version of the whole configuration, a decimal number; it is not there before the first document.
pub fn version_key(prefix: &str) -> String {
    format!("{prefix}{{hist}}:version")
}

impl ConfigStore for RedisConfig {
    async fn load(&self) -> Result<Loaded, ConfigError> {
        let (version, documents) = self.documents.load().await?;
        Ok(Loaded { version, documents, origin: Origin::Primary })
    }

    async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        self.documents.write(write).await
    }
}
