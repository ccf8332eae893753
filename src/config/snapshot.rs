//! Everything a flow needs to know about the configuration, resolved once for each version of it.
//!
//! A snapshot can only hold usable values: whatever was wrong in a stored document has become a default and a
//! [`Report`]. It holds no clock: whether the window is open, and whether it is an absence day, is asked of its parts
//! with an instant.

#[cfg(test)]
mod tests;

use super::document::{
    Detectors, DocumentKey, Exclusions, ProcessingPrefs, Report, RoutingRules, RuntimeFlags, SendingWindow,
    WebhookConfig,
};
use super::settings::{Allowlist, Settings, SubjectGroups};
use crate::calendar::{Absence, Zone};
use crate::delivery::outcome::Mode;
use crate::delivery::{Schedule, Secret, TargetUrl, UrlPolicy, UrlRefusal};
use crate::ledger::Retention;
use crate::ports::Tls;
use crate::rules::{Compiled, Priority, RuleSet, compile};
use core::time::Duration;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long one attempt may take, its answer included, when nobody chose otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);

/// The configuration at one version.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The version of the stored documents.
    pub version: u64,
    /// Which mails are taken and processed.
    pub intake: Intake,
    /// When anything is sent.
    pub hours: Hours,
    /// Where and how it is sent.
    pub sending: Sending,
    /// The user's rules.
    pub rules: Rules,
    /// What the built-in detectors do.
    pub detectors: Detectors,
    /// How long ended mails are kept.
    pub retention: Retention,
}

/// Which mails are taken and processed.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Whether the Gmail intake takes mails.
    pub gmail_enabled: bool,
    /// Whether claims on a mail's ids are skipped.
    pub dedup_disabled: bool,
    /// The claim on a subject group, where it is made.
    pub subject_groups: Option<SubjectGroups>,
    /// The senders whose mails are processed.
    pub allowlist: Allowlist,
    /// Words that keep a mail from being processed.
    pub exclusions: Exclusions,
    /// Mails without attachments are not processed, where the intake reports attachments.
    pub require_attachments: bool,
    /// Larger mails are not processed, where the intake reports sizes.
    pub max_email_size_mb: Option<u32>,
}

/// When anything is sent.
#[derive(Debug, Clone)]
pub struct Hours {
    /// The zone of every question about hours and weekdays.
    pub zone: Zone,
    /// The sending window, and the words it is written in.
    pub window: SendingWindow,
    /// The absence pause.
    pub absence: Absence,
}

/// Where and how it is sent.
#[derive(Debug, Clone)]
pub struct Sending {
    /// Whether anything is sent.
    pub enabled: bool,
    /// Where mails without another target go; `None`: they wait as `no_target`.
    pub default_target: Option<TargetUrl>,
    /// Why the stored default target is not used.
    pub default_target_refused: Option<UrlRefusal>,
    /// Signs what goes to targets without a secret of their own; the current secret first.
    pub secrets: Vec<Secret>,
    /// Under which media type a body is sent.
    pub mode: Mode,
    /// Whether a 415 is answered with the other media type.
    pub fallback_on_415: bool,
    /// Whether the certificates of targets are verified.
    pub tls: Tls,
    /// How long one attempt may take, its answer included.
    pub timeout: Duration,
    /// When a failed delivery is tried again.
    pub schedule: Schedule,
    /// Deliveries an hour; more wait.
    pub rate_limit_per_hour: Option<u32>,
    /// Whether a mail without links, rule and detector is sent.
    pub allow_without_links: bool,
    /// The priority of each sender's deliveries, by address in lower case.
    pub sender_priority: BTreeMap<String, Priority>,
    /// Which URLs may be targets.
    pub url_policy: UrlPolicy,
}

/// The user's rules, shared by every flow that runs under this snapshot: patterns are compiled once.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The rules, to be shown.
    pub set: Arc<RuleSet>,
    /// The rules, ready to run.
    pub compiled: Arc<Compiled>,
}

impl Snapshot {
    /// Resolves stored documents over the environment's settings. A document that is not in the map holds its defaults.
    /// Never fails: what could not be used is in the reports.
    pub fn build(settings: &Settings, documents: &BTreeMap<DocumentKey, Value>, version: u64) -> (Self, Vec<Report>) {
        let mut reports = Vec::new();
        let stored = |key| documents.get(&key);
        let policy = &settings.sending.url_policy;
        let config = WebhookConfig::load(stored(DocumentKey::WebhookConfig), settings, &mut reports);
        let prefs = ProcessingPrefs::load(stored(DocumentKey::ProcessingPrefs), &mut reports);
        let flags = RuntimeFlags::load(stored(DocumentKey::RuntimeFlags), settings, &mut reports);
        let rules = RoutingRules::load(stored(DocumentKey::RoutingRules), policy, &mut reports);
        let detectors = Detectors::load(stored(DocumentKey::Detectors), policy, &mut reports);
        let snapshot = Self {
            version,
            intake: Intake::new(settings, &prefs, flags),
            hours: Hours::new(settings, &config),
            sending: Sending::new(settings, config, prefs, flags),
            rules: Rules::new(rules.set),
            detectors,
            retention: settings.retention,
        };
        (snapshot, reports)
    }
}

impl Intake {
    fn new(settings: &Settings, prefs: &ProcessingPrefs, flags: RuntimeFlags) -> Self {
        Self {
            gmail_enabled: flags.gmail_ingress_enabled,
            dedup_disabled: flags.disable_email_id_dedup,
            subject_groups: settings.ingress.subject_groups,
            allowlist: settings.ingress.allowlist.clone(),
            exclusions: prefs.exclusions.clone(),
            require_attachments: prefs.require_attachments,
            max_email_size_mb: prefs.max_email_size_mb,
        }
    }
}

impl Hours {
    fn new(settings: &Settings, config: &WebhookConfig) -> Self {
        Self { zone: settings.zone.clone(), window: config.window.clone(), absence: config.absence.clone() }
    }
}

impl Sending {
    fn new(settings: &Settings, config: WebhookConfig, prefs: ProcessingPrefs, flags: RuntimeFlags) -> Self {
        Self {
            enabled: config.sending_enabled,
            default_target: config.target,
            default_target_refused: config.target_refused,
            secrets: settings.sending.secrets.clone(),
            mode: config.mode,
            fallback_on_415: config.fallback_on_415,
            tls: config.tls,
            timeout: prefs.timeout.unwrap_or(DEFAULT_TIMEOUT),
            schedule: prefs.schedule,
            rate_limit_per_hour: prefs.rate_limit_per_hour,
            allow_without_links: flags.allow_custom_webhook_without_links,
            sender_priority: prefs.sender_priority,
            url_policy: settings.sending.url_policy.clone(),
        }
    }

    /// The priority of a delivery whose mail comes from that address, in lower case.
    pub fn priority_of(&self, sender: &str) -> Priority {
        self.sender_priority.get(sender).copied().unwrap_or_default()
    }
}

impl Rules {
    fn new(set: RuleSet) -> Self {
        let compiled = Arc::new(compile(&set));
        Self { set: Arc::new(set), compiled }
    }
}
