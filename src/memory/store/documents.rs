//! The configuration documents, with their former versions.

use super::Step;
use crate::ports::{ConfigError, Loaded, Origin, StoredDocument, Write};

impl Step<'_> {
    pub(super) fn load_documents(&self) -> Result<Loaded, ConfigError> {
        if !self.state.primary_lost {
            return Ok(self.documents_now());
        }
        let origin = Origin::Copy { cause: "a fault was planned".to_owned() };
        self.state.copy.clone().map(|copy| Loaded { origin, ..copy }).ok_or_else(lost)
    }

    /// What is stored now is what a copy says until the next one.
    pub(super) fn publish(&mut self) {
        self.state.copy = Some(self.documents_now());
    }

    fn documents_now(&self) -> Loaded {
        let newest = self.state.documents.values().filter_map(|versions| versions.last());
        Loaded { version: self.state.config_version, documents: newest.cloned().collect(), origin: Origin::Primary }
    }

    pub(super) fn write_document(&mut self, write: Write) -> Result<StoredDocument, ConfigError> {
        if self.state.primary_lost {
            return Err(lost());
        }
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

fn lost() -> ConfigError {
    ConfigError::Unavailable("a fault was planned".to_owned())
}
