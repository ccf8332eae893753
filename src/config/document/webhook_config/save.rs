//! Saving `webhook_config`.

use crate::calendar::{TimeOfDay, Weekday};
use crate::config::document::error::DocumentError;
use crate::config::document::strict;
use crate::config::mode;
use crate::delivery::UrlPolicy;
use serde_json::{Map, Value};

/// The known fields that are submitted, normalised.
pub(in crate::config::document) fn check(
    submitted: &Map<String, Value>,
    stored: &Map<String, Value>,
    policy: &UrlPolicy,
) -> Result<Map<String, Value>, DocumentError> {
    let mut known = Map::new();
    if let Some(value) = submitted.get("webhook_url") {
        known.insert("webhook_url".to_owned(), strict::target(value, "webhook_url", policy)?);
    }
    let switches = ["webhook_ssl_verify", "webhook_sending_enabled", "webhook_fallback_on_415"];
    known.extend(strict::flags(submitted, &switches)?);
    if let Some(value) = submitted.get("webhook_delivery_mode") {
        known.insert("webhook_delivery_mode".to_owned(), mode(value)?);
    }
    known.extend(absence(submitted, stored)?);
    known.extend(window(submitted)?);
    Ok(known)
}

fn mode(value: &Value) -> Result<Value, DocumentError> {
    let mode = value.as_str().and_then(mode::parse);
    let mode = mode.ok_or_else(|| DocumentError::field("webhook_delivery_mode doit être 'json' ou 'form'."))?;
    Ok(mode.name().into())
}

/// The pause and its days. Turning it on needs days in the same request, and its days cannot be taken away while it is
/// on: a pause without days would pause nothing.
fn absence(submitted: &Map<String, Value>, stored: &Map<String, Value>) -> Result<Map<String, Value>, DocumentError> {
    let mut known = strict::flags(submitted, &["absence_pause_enabled"])?;
    let days = submitted.get("absence_pause_days").map(days).transpose()?;
    let turned_on = known.get("absence_pause_enabled").and_then(Value::as_bool);
    let stored_on = || stored.get("absence_pause_enabled").and_then(Value::as_bool).unwrap_or(false);
    let lacks_days = match (turned_on, &days) {
        (Some(true), days) => days.as_ref().is_none_or(Vec::is_empty),
        (None, Some(days)) => days.is_empty() && stored_on(),
        (Some(false), _) | (None, None) => false,
    };
    if lacks_days {
        return Err(DocumentError::conflict("Au moins un jour doit être sélectionné pour activer la pause absence."));
    }
    if let Some(days) = days {
        known.insert("absence_pause_days".to_owned(), days.into_iter().map(Weekday::name).collect());
    }
    Ok(known)
}

/// The days named; items that are no text do not count, as for the predecessor.
fn days(value: &Value) -> Result<Vec<Weekday>, DocumentError> {
    let items = value.as_array().ok_or_else(|| DocumentError::field("absence_pause_days doit être une liste."))?;
    let mut days = Vec::new();
    let mut unknown = Vec::new();
    for name in items.iter().filter_map(Value::as_str).map(|name| name.trim().to_lowercase()) {
        match Weekday::parse(&name) {
            Some(day) if days.contains(&day) => {}
            Some(day) => days.push(day),
            None if unknown.len() < 10 => unknown.push(name),
            None => {}
        }
    }
    if unknown.is_empty() {
        Ok(days)
    } else {
        Err(DocumentError::field(format!("Jours invalides: {}", unknown.join(", "))))
    }
}

/// Both sides or none, kept as typed.
fn window(submitted: &Map<String, Value>) -> Result<Map<String, Value>, DocumentError> {
    let (start, end) = (submitted.get("webhook_time_start"), submitted.get("webhook_time_end"));
    if start.is_none() && end.is_none() {
        return Ok(Map::new());
    }
    let (start, end) = (typed(start)?, typed(end)?);
    if start.is_empty() != end.is_empty() {
        return Err(DocumentError::conflict(
            "Both webhook_time_start and webhook_time_end are required (or both empty to clear).",
        ));
    }
    if !start.is_empty() && time(start)? == time(end)? {
        return Err(DocumentError::conflict(
            "webhook_time_start et webhook_time_end doivent être différentes : la fenêtre ne s'ouvrirait jamais.",
        ));
    }
    Ok([("webhook_time_start", start), ("webhook_time_end", end)]
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.into()))
        .collect())
}

/// What was typed; null clears, as an empty text does.
fn typed(value: Option<&Value>) -> Result<&str, DocumentError> {
    match value {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text.trim()),
        Some(_) => Err(invalid_time()),
    }
}

fn time(text: &str) -> Result<TimeOfDay, DocumentError> {
    TimeOfDay::parse(text).ok_or_else(invalid_time)
}

fn invalid_time() -> DocumentError {
    DocumentError::field("Invalid time format. Use HHhMM or HH:MM (e.g., 11h30, 17:45).")
}
