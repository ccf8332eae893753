//! The stored configuration: five JSON documents that can change while the server runs.
//!
//! Each is read in two ways. *Saving* is strict: the first mistake refuses the whole document, with the predecessor's
//! message where it had one. *Loading* is lenient: a bad field falls back to its default and is reported, nothing is
//! fatal, and fields that mean nothing here are left alone. Neither touches a store.

mod checked;
mod detectors;
mod error;
mod fields;
mod processing_prefs;
mod report;
mod routing_rules;
mod runtime_flags;
mod strict;
mod webhook_config;

pub use checked::{Checked, FORMAT_VERSION};
pub use detectors::{Detectors, OutsideWindow};
pub use error::{DocumentError, DocumentErrorCode};
pub use processing_prefs::{Exclusions, ProcessingPrefs};
pub use report::{Report, ReportCode};
pub use routing_rules::RoutingRules;
pub use runtime_flags::RuntimeFlags;
pub use webhook_config::{SendingWindow, WebhookConfig};

use crate::delivery::UrlPolicy;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A configuration document, by its name in the store and in the configuration API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKey {
    /// The default target, how it is sent to, the sending window and the absence pause.
    WebhookConfig,
    /// Exclusions, priorities, retries and limits.
    ProcessingPrefs,
    /// Switches of the intake.
    RuntimeFlags,
    /// The user's rules.
    RoutingRules,
    /// What the built-in detectors do with what they recognise.
    Detectors,
}

impl DocumentKey {
    /// Every document.
    pub const ALL: [Self; 5] =
        [Self::WebhookConfig, Self::ProcessingPrefs, Self::RuntimeFlags, Self::RoutingRules, Self::Detectors];

    /// The document of exactly that name; `None` when there is none.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == name)
    }

    /// The name in the store and in the configuration API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WebhookConfig => "webhook_config",
            Self::ProcessingPrefs => "processing_prefs",
            Self::RuntimeFlags => "runtime_flags",
            Self::RoutingRules => "routing_rules",
            Self::Detectors => "detectors",
        }
    }

    /// Checks a whole document before it is saved in place of the stored one. Known fields are normalised, others are
    /// kept as they are.
    pub fn check(self, submitted: &Value, policy: &UrlPolicy) -> Result<Checked, DocumentError> {
        let submitted = object(submitted)?;
        let known = strict::check(self, submitted, &serde_json::Map::new(), policy)?;
        Ok(Checked::new(self, submitted.clone(), known))
    }

    /// Checks a partial change before it is saved over `stored`. Fields that this document does not know are ignored;
    /// what it does not name stays as it is stored, the predecessor's own fields among it.
    pub fn patch(self, stored: &Value, changes: &Value, policy: &UrlPolicy) -> Result<Checked, DocumentError> {
        let changes = object(changes)?;
        let base = strict::base(self, stored);
        let known = strict::check(self, changes, &base, policy)?;
        Ok(Checked::new(self, base, known))
    }
}

impl core::fmt::Display for DocumentKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

fn object(value: &Value) -> Result<&serde_json::Map<String, Value>, DocumentError> {
    value.as_object().ok_or_else(DocumentError::not_an_object)
}

#[cfg(test)]
mod tests;
