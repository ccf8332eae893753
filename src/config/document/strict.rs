//! What the strict readers of all documents share.

use super::error::{DocumentError, DocumentErrorCode};
use super::{DocumentKey, detectors, processing_prefs, routing_rules, runtime_flags, webhook_config};
use crate::delivery::{TargetUrl, UrlPolicy, UrlRefusal};
use serde_json::{Map, Value};

/// The known fields that `submitted` names, normalised. `stored` is what a partial change is laid over; for a whole
/// document it is empty.
pub(super) fn check(
    key: DocumentKey,
    submitted: &Map<String, Value>,
    stored: &Map<String, Value>,
    policy: &UrlPolicy,
) -> Result<Map<String, Value>, DocumentError> {
    match key {
        DocumentKey::WebhookConfig => webhook_config::check(submitted, stored, policy),
        DocumentKey::ProcessingPrefs => processing_prefs::check(submitted),
        DocumentKey::RuntimeFlags => runtime_flags::check(submitted),
        DocumentKey::RoutingRules => routing_rules::check(submitted, policy),
        DocumentKey::Detectors => detectors::check(submitted, stored, policy),
    }
}

/// What a partial change is laid over: the stored fields, without the defaults of the predecessor that nobody chose and
/// that our `version` would turn into choices.
pub(super) fn base(key: DocumentKey, stored: &Value) -> Map<String, Value> {
    let mut fields = stored.as_object().cloned().unwrap_or_default();
    if key == DocumentKey::ProcessingPrefs {
        processing_prefs::drop_unchosen(&mut fields);
    }
    fields
}

/// A switch that is submitted: a boolean, and nothing that a language would take for one.
pub(super) fn flag(submitted: &Map<String, Value>, name: &str) -> Result<Option<Value>, DocumentError> {
    match submitted.get(name) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(Value::Bool(*value))),
        Some(_) => Err(DocumentError::field(format!("{name} doit être un booléen (true ou false)."))),
    }
}

/// Every switch of `names` that is submitted.
pub(super) fn flags(submitted: &Map<String, Value>, names: &[&str]) -> Result<Map<String, Value>, DocumentError> {
    let mut known = Map::new();
    for name in names {
        if let Some(value) = flag(submitted, name)? {
            known.insert((*name).to_owned(), value);
        }
    }
    Ok(known)
}

/// A URL that may be a target, trimmed; null or blank clears it. `name` stands in the message.
pub(super) fn target(value: &Value, name: &str, policy: &UrlPolicy) -> Result<Value, DocumentError> {
    let text = match value {
        Value::Null => "",
        Value::String(text) => text.trim(),
        _ => return Err(refused(UrlRefusal::Malformed, name)),
    };
    if text.is_empty() {
        return Ok(Value::Null);
    }
    TargetUrl::parse(text, policy).map_err(|refusal| refused(refusal, name))?;
    Ok(text.into())
}

fn refused(refusal: UrlRefusal, name: &str) -> DocumentError {
    let message = refusal.message().replacen("webhook_url", name, 1);
    DocumentError { code: DocumentErrorCode::TargetRefused, message }
}

/// A whole number, as the predecessor took one: a JSON number without its fraction, or a text of digits. A boolean is
/// not a number.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| truncated(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `f64` to `i64` only where both agree on whole numbers: far beyond every bound there is.
fn truncated(number: f64) -> Option<i64> {
    const LIMIT: f64 = 1e15;
    #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
    (number.abs() < LIMIT).then(|| number.trunc() as i64)
}
