//! What was decided about a mail for one delivery.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything a payload says beyond the mail itself: decided once, at the delivery's first lease, and stored as JSON
/// with the delivery. Fields added later read as absent in older rows, so that their payloads do not change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The detector that matched: `recadrage` or `desabonnement_journee_tarifs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    /// A recadrage's delivery time, as a phrase.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_time: Option<String>,
    /// `maintenant`, or the configured opening time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks_time_start: Option<String>,
    /// The configured closing time, verbatim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhooks_time_end: Option<String>,
    /// Provider links found in the mail, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delivery_links: Vec<DeliveryLink>,
    /// The user rule that chose this target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing_rule: Option<RuleRef>,
    /// What the rule's named groups caught, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub captures: BTreeMap<String, String>,
    /// Whether detectors and link extraction saw less than the whole body.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub truncated: bool,
    /// The delivery this one completes, by its `webhook-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up_of: Option<String>,
}

/// One provider link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryLink {
    /// `dropbox`, `fromsmash` or `swisstransfer`.
    pub provider: String,
    /// The link as found.
    pub raw_url: String,
    /// The link a program can download from, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_url: Option<String>,
    /// Our own copy, where the file was offloaded in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r2_url: Option<String>,
    /// The file's name as the provider gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_filename: Option<String>,
}

/// The rule that chose a target, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRef {
    /// The rule's id.
    pub id: String,
    /// Its name at the time.
    pub name: String,
    /// `high`, `normal` or `low`.
    pub priority: String,
}
