//! Saving `processing_prefs`.

use super::{MAX_KEYWORDS, fits, priority};
use crate::config::document::error::DocumentError;
use crate::config::document::strict;
use core::ops::RangeInclusive;
use serde_json::{Map, Value};

/// The lists, in the order the predecessor checked them.
const LISTS: [&str; 3] = ["exclude_keywords_recadrage", "exclude_keywords_autorepondeur", "exclude_keywords"];

/// The bounded numbers. Null takes a choice back.
const NUMBERS: [(&str, RangeInclusive<i64>); 4] = [
    ("retry_count", 0..=10),
    ("retry_delay_sec", 0..=600),
    ("webhook_timeout_sec", 1..=300),
    ("rate_limit_per_hour", 0..=100_000),
];

/// The known fields that are submitted, normalised. The first mistake in this order is told.
pub(in crate::config::document) fn check(submitted: &Map<String, Value>) -> Result<Map<String, Value>, DocumentError> {
    let mut known = Map::new();
    for name in LISTS {
        if let Some(value) = submitted.get(name) {
            known.insert(name.to_owned(), keywords(name, value)?);
        }
    }
    known.extend(strict::flags(submitted, &["require_attachments"])?);
    if let Some(value) = submitted.get("max_email_size_mb") {
        known.insert("max_email_size_mb".to_owned(), size(value)?);
    }
    if let Some(value) = submitted.get("sender_priority") {
        known.insert("sender_priority".to_owned(), priorities(value)?);
    }
    for (name, bounds) in NUMBERS {
        if let Some(value) = submitted.get(name) {
            known.insert(name.to_owned(), bounded(name, value, &bounds)?);
        }
    }
    known.extend(strict::flags(submitted, &["notify_on_failure"])?);
    Ok(known)
}

fn keywords(name: &str, value: &Value) -> Result<Value, DocumentError> {
    let words: Option<Vec<&str>> = value.as_array().and_then(|items| items.iter().map(Value::as_str).collect());
    let words = words.ok_or_else(|| DocumentError::field(format!("{name} doit être une liste de chaînes")))?;
    let words: Vec<&str> = words.into_iter().map(str::trim).filter(|word| !word.is_empty()).collect();
    if words.len() > MAX_KEYWORDS || !words.iter().all(|word| fits(word)) {
        return Err(DocumentError::field(format!("{name}: 500 mots-clés de 200 caractères au plus")));
    }
    Ok(words.into())
}

fn size(value: &Value) -> Result<Value, DocumentError> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let size = number("max_email_size_mb", value)?;
    let fits = u32::try_from(size).is_ok_and(|size| size > 0);
    if fits { Ok(size.into()) } else { Err(DocumentError::field("max_email_size_mb doit être > 0 ou null")) }
}

fn priorities(value: &Value) -> Result<Value, DocumentError> {
    let map =
        value.as_object().ok_or_else(|| DocumentError::field("sender_priority doit être un objet {email: niveau}"))?;
    let mut known = Map::new();
    for (sender, level) in map {
        let level = level
            .as_str()
            .ok_or_else(|| DocumentError::field("sender_priority: clés et valeurs doivent être des chaînes"))?;
        if priority(level).is_none() {
            return Err(DocumentError::field("sender_priority: niveau invalide (high|medium|low)"));
        }
        known.insert(sender.trim().to_lowercase(), level.trim().to_lowercase().into());
    }
    Ok(known.into())
}

fn bounded(name: &str, value: &Value, bounds: &RangeInclusive<i64>) -> Result<Value, DocumentError> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let count = number(name, value)?;
    if bounds.contains(&count) {
        return Ok(count.into());
    }
    Err(DocumentError::field(format!("{name} hors limites ({}..{})", bounds.start(), bounds.end())))
}

/// A whole number, or the predecessor's words for what is none.
fn number(name: &str, value: &Value) -> Result<i64, DocumentError> {
    strict::whole(value).ok_or_else(|| match value {
        Value::String(text) => {
            let shown: String = text.chars().take(80).collect();
            DocumentError::field(format!("Validation error: invalid literal for int() with base 10: '{shown}'"))
        }
        _ => DocumentError::field(format!("Validation error: {name} must be a whole number")),
    })
}
