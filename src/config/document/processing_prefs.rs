//! `processing_prefs`: exclusions, priorities, retries and limits.

mod save;
#[cfg(test)]
mod tests;

pub(super) use save::check;

use super::DocumentKey;
use super::fields::Fields;
use super::report::{Report, ReportCode};
use crate::delivery::Schedule;
use crate::rules::Priority;
use core::time::Duration;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most keywords in one list.
const MAX_KEYWORDS: usize = 500;
/// Most characters in one keyword.
const MAX_KEYWORD_CHARS: usize = 200;

/// The four numbers that the predecessor stored without anybody choosing them, and its defaults.
const UNCHOSEN: [(&str, i64); 4] =
    [("retry_count", 0), ("retry_delay_sec", 2), ("webhook_timeout_sec", 30), ("rate_limit_per_hour", 5)];

/// The document with its defaults.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessingPrefs {
    /// Mails that are not processed.
    pub exclusions: Exclusions,
    /// Mails without attachments are not processed, where the intake reports attachments.
    pub require_attachments: bool,
    /// Larger mails are not processed, where the intake reports sizes.
    pub max_email_size_mb: Option<u32>,
    /// The priority of each sender's deliveries, by address in lower case.
    pub sender_priority: BTreeMap<String, Priority>,
    /// When a failed delivery is tried again.
    pub schedule: Schedule,
    /// How long one attempt may take, its answer included; `None`: the default.
    pub timeout: Option<Duration>,
    /// Deliveries an hour; more wait. `None`: no limit.
    pub rate_limit_per_hour: Option<u32>,
    /// Whether failures are announced.
    pub notify_on_failure: bool,
    /// Stored for the predecessor; no effect.
    pub mirror_media_to_custom: bool,
}

/// Words that keep a mail from being processed, as typed, never empty. Comparing ignores case and accents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exclusions {
    /// For every mail.
    pub all: Vec<String>,
    /// For mails that the detector `recadrage` recognises.
    pub recadrage: Vec<String>,
    /// For mails that the detector `desabo` recognises.
    pub desabo: Vec<String>,
}

impl ProcessingPrefs {
    /// Reads the stored document.
    pub fn load(stored: Option<&Value>, reports: &mut Vec<Report>) -> Self {
        let mut fields = Fields::open(DocumentKey::ProcessingPrefs, stored, reports);
        Self {
            exclusions: Exclusions {
                all: load_keywords(&mut fields, "exclude_keywords"),
                recadrage: load_keywords(&mut fields, "exclude_keywords_recadrage"),
                desabo: load_keywords(&mut fields, "exclude_keywords_autorepondeur"),
            },
            require_attachments: fields.flag("require_attachments").unwrap_or(false),
            max_email_size_mb: fields.number("max_email_size_mb", 1..=u32::MAX),
            sender_priority: load_priorities(&mut fields),
            schedule: load_schedule(&mut fields),
            timeout: chosen(&mut fields, "webhook_timeout_sec", 300).filter(|secs| *secs > 0).map(seconds),
            rate_limit_per_hour: chosen(&mut fields, "rate_limit_per_hour", 100_000).filter(|limit| *limit > 0),
            notify_on_failure: fields.flag("notify_on_failure").unwrap_or(false),
            mirror_media_to_custom: fields.flag("mirror_media_to_custom").unwrap_or(true),
        }
    }
}

fn load_keywords(fields: &mut Fields<'_>, name: &str) -> Vec<String> {
    let stored = fields.list(name);
    let items = stored.iter().map(|item| item.as_str().map(str::trim).filter(|word| fits(word)));
    // A blank keyword, which the predecessor let through, would exclude every mail.
    let mut words = fields.keep(name, items.filter(|item| *item != Some("")), "texts of at most 200 characters");
    if words.len() > MAX_KEYWORDS {
        words.truncate(MAX_KEYWORDS);
        fields.report(name, ReportCode::InvalidItems, format!("only the first {MAX_KEYWORDS} are used"));
    }
    words.into_iter().map(str::to_owned).collect()
}

fn fits(word: &str) -> bool {
    word.chars().nth(MAX_KEYWORD_CHARS).is_none()
}

fn load_priorities(fields: &mut Fields<'_>) -> BTreeMap<String, Priority> {
    let stored = fields.value("sender_priority");
    let Some(map) = stored.and_then(|value| fields.expect("sender_priority", value.as_object(), "an object")) else {
        return BTreeMap::new();
    };
    let items = map.iter().map(|(sender, level)| Some((sender.trim().to_lowercase(), priority(level.as_str()?)?)));
    fields.keep("sender_priority", items, "high, medium or low for each address").into_iter().collect()
}

/// `medium` is what rules call `normal`.
fn priority(level: &str) -> Option<Priority> {
    match level.trim().to_lowercase().as_str() {
        "high" => Some(Priority::High),
        "medium" => Some(Priority::Normal),
        "low" => Some(Priority::Low),
        _ => None,
    }
}

fn load_schedule(fields: &mut Fields<'_>) -> Schedule {
    let retries = chosen(fields, "retry_count", 10);
    let delay = chosen(fields, "retry_delay_sec", 600);
    Schedule::chosen(retries, delay.map(seconds))
}

/// One of the four numbers, when somebody chose it.
fn chosen(fields: &mut Fields<'_>, name: &str, most: u32) -> Option<u32> {
    let number = fields.number(name, 0..=most)?;
    let ours = fields.value("version").is_some();
    if !ours && UNCHOSEN.contains(&(name, number.into())) {
        let message = format!("{number} is the predecessor's default, which nobody chose: ours holds");
        fields.report(name, ReportCode::PredecessorDefault, message);
        return None;
    }
    Some(number)
}

fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

/// Takes out of a document of the predecessor the numbers that nobody chose, before our `version` makes them choices.
pub(super) fn drop_unchosen(fields: &mut Map<String, Value>) {
    if fields.get("version").is_some_and(|version| !version.is_null()) {
        return;
    }
    for (name, default) in UNCHOSEN {
        if fields.get(name).and_then(super::strict::whole) == Some(default) {
            fields.remove(name);
        }
    }
}
