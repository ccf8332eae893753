//! `runtime_flags`: switches of the intake.

#[cfg(test)]
mod tests;

use super::error::DocumentError;
use super::fields::Fields;
use super::report::Report;
use super::{DocumentKey, strict};
use crate::config::settings::Settings;
use serde_json::{Map, Value};

/// The document with its defaults filled in from the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeFlags {
    /// A mail is processed each time it is sent.
    pub disable_email_id_dedup: bool,
    /// A mail that no rule and no detector matched is sent although it holds no provider link.
    pub allow_custom_webhook_without_links: bool,
    /// The Gmail intake takes mails; while it does not, it answers 409.
    pub gmail_ingress_enabled: bool,
}

const NAMES: [&str; 3] = ["disable_email_id_dedup", "allow_custom_webhook_without_links", "gmail_ingress_enabled"];

impl RuntimeFlags {
    /// Reads the stored document over the environment's defaults.
    pub fn load(stored: Option<&Value>, settings: &Settings, reports: &mut Vec<Report>) -> Self {
        let mut fields = Fields::open(DocumentKey::RuntimeFlags, stored, reports);
        let [dedup, links, ingress] = NAMES.map(|name| fields.flag(name));
        Self {
            disable_email_id_dedup: dedup.unwrap_or(settings.ingress.dedup_disabled),
            allow_custom_webhook_without_links: links.unwrap_or(settings.sending.allow_without_links),
            gmail_ingress_enabled: ingress.unwrap_or(true),
        }
    }
}

/// The known fields that are submitted.
pub(super) fn check(submitted: &Map<String, Value>) -> Result<Map<String, Value>, DocumentError> {
    strict::flags(submitted, &NAMES)
}
