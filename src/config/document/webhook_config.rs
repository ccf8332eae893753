//! `webhook_config`: the default target, how it is sent to, the sending window and the absence pause.

mod save;
#[cfg(test)]
mod tests;

pub(super) use save::check;

use super::DocumentKey;
use super::fields::Fields;
use super::report::{Report, ReportCode};
use crate::calendar::{Absence, TimeOfDay, Weekday, Window};
use crate::config::mode;
use crate::config::settings::{Place, Settings};
use crate::delivery::outcome::Mode;
use crate::delivery::{TargetUrl, UrlRefusal};
use crate::ports::Tls;
use serde_json::Value;

/// The document with its defaults filled in from the environment.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// Where mails without another target go: the stored URL, else the environment's.
    pub target: Option<TargetUrl>,
    /// Why the stored URL is not used.
    pub target_refused: Option<UrlRefusal>,
    /// Whether anything is sent.
    pub sending_enabled: bool,
    /// Under which media type a body is sent.
    pub mode: Mode,
    /// Whether a 415 is answered with the other media type.
    pub fallback_on_415: bool,
    /// Whether the certificates of targets are verified.
    pub tls: Tls,
    /// When webhooks may be sent.
    pub window: SendingWindow,
    /// The days on which nothing is sent.
    pub absence: Absence,
}

/// When webhooks may be sent, and the words it is written in: the payload carries those.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SendingWindow {
    /// The start as written; it may be no time of day.
    pub start_text: Option<String>,
    /// The end as written; it may be no time of day.
    pub end_text: Option<String>,
    /// The window, when both are times of day; it may be one that never opens. `None`: no constraint.
    pub window: Option<Window>,
}

impl WebhookConfig {
    /// Reads the stored document over the environment's defaults.
    pub fn load(stored: Option<&Value>, settings: &Settings, reports: &mut Vec<Report>) -> Self {
        let sending = &settings.sending;
        let mut fields = Fields::open(DocumentKey::WebhookConfig, stored, reports);
        let stored_target = fields.target("webhook_url", &sending.url_policy);
        report_legacy(&mut fields);
        Self {
            target_refused: stored_target.as_ref().err().copied(),
            target: stored_target.ok().flatten().or_else(|| sending.target.clone()),
            sending_enabled: fields.flag("webhook_sending_enabled").unwrap_or(sending.enabled),
            mode: load_mode(&mut fields).unwrap_or(sending.mode),
            fallback_on_415: fields.flag("webhook_fallback_on_415").unwrap_or(sending.fallback_on_415),
            tls: load_tls(&mut fields, settings),
            window: load_window(&mut fields, settings),
            absence: load_absence(&mut fields),
        }
    }
}

/// Decision of the product: the predecessor's extra targets are shown, and never sent to by themselves.
fn report_legacy(fields: &mut Fields<'_>) {
    for (name, detector) in [("recadrage_webhook_url", "recadrage"), ("autorepondeur_webhook_url", "desabo")] {
        let used = fields.value(name).is_some_and(|value| value.as_str().is_none_or(|text| !text.trim().is_empty()));
        if used {
            let message = format!("is not sent to: set detectors.{detector}.target to use it");
            fields.report(name, ReportCode::LegacyTarget, message);
        }
    }
}

fn load_mode(fields: &mut Fields<'_>) -> Option<Mode> {
    let text = fields.text("webhook_delivery_mode")?;
    fields.expect("webhook_delivery_mode", mode::parse(text), "json or form")
}

fn load_tls(fields: &mut Fields<'_>, settings: &Settings) -> Tls {
    let stored = fields.flag("webhook_ssl_verify");
    match (stored, settings.place) {
        (Some(false), Place::Worker) => {
            let message = "is false, but a Worker always verifies certificates".to_owned();
            fields.report("webhook_ssl_verify", ReportCode::InvalidField, message);
            Tls::Verified
        }
        (Some(false), Place::Native) => Tls::Unverified,
        (Some(true), _) => Tls::Verified,
        (None, _) => settings.sending.tls,
    }
}

/// The environment fills each side that is not stored: a window that it defines cannot be cleared by clearing the
/// document.
fn load_window(fields: &mut Fields<'_>, settings: &Settings) -> SendingWindow {
    let (start_text, start) = load_time(fields, "webhook_time_start", settings.sending.window_start.as_deref());
    let (end_text, end) = load_time(fields, "webhook_time_end", settings.sending.window_end.as_deref());
    let window = start.zip(end).map(|(start, end)| Window::from_stored(start, end));
    if window.is_some_and(|window| window.never_opens()) {
        let message = "equals webhook_time_start: the window never opens".to_owned();
        fields.report("webhook_time_end", ReportCode::WindowNeverOpens, message);
    }
    SendingWindow { start_text, end_text, window }
}

fn load_time(fields: &mut Fields<'_>, name: &str, default: Option<&str>) -> (Option<String>, Option<TimeOfDay>) {
    let Some(text) = fields.text(name) else {
        return (default.map(str::to_owned), default.and_then(TimeOfDay::parse));
    };
    let time = TimeOfDay::parse(text);
    if time.is_none() {
        let message = "expected HHhMM or HH:MM: the window constrains nothing".to_owned();
        fields.report(name, ReportCode::InvalidField, message);
    }
    (Some(text.to_owned()), time)
}

fn load_absence(fields: &mut Fields<'_>) -> Absence {
    let enabled = fields.flag("absence_pause_enabled").unwrap_or(false);
    let items = fields.list("absence_pause_days").iter().map(|item| Weekday::parse(item.as_str()?));
    let mut days = fields.keep("absence_pause_days", items, "English names of days");
    days.sort_unstable();
    days.dedup();
    Absence { enabled, days }
}
