//! The configuration documents, with their former versions.

use super::Step;
use crate::ports::{ConfigError, StoredDocument, Write};

impl Step<'_> {
    pub(super) fn load_documents(&self) -> (u64, Vec<StoredDocument>) {
        let newest = self.state.documents.values().filter_map(|versions| versions.last());
        (self.state.config_version, newest.cloned().collect())
    }

    pub(super) fn write_document(&mut self, write: Write) -> Result<StoredDocument, ConfigError> {
        let versions = self.state.documents.entry(write.key).or_default();
        let current = versions.last().map_or(0, |document| document.version);
        if write.expected.is_some_and(|expected| expected != current) {
            return Err(ConfigError::Conflict { current });
        }
        let document = StoredDocument {
            key: write.key,
            version: current + 1,
            value: write.value,
            at: self.now,
            author: write.author,
        };
        versions.push(document.clone());
        self.state.config_version += 1;
        Ok(document)
    }
}
