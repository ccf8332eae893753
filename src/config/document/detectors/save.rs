//! Saving `detectors`.

use super::OutsideWindow;
use crate::config::document::error::DocumentError;
use crate::config::document::strict;
use crate::delivery::UrlPolicy;
use serde_json::{Map, Value};

/// The detectors that are submitted, each laid over what is stored of it.
pub(in crate::config::document) fn check(
    submitted: &Map<String, Value>,
    stored: &Map<String, Value>,
    policy: &UrlPolicy,
) -> Result<Map<String, Value>, DocumentError> {
    let mut known = Map::new();
    for name in ["recadrage", "desabo"] {
        if let Some(value) = submitted.get(name) {
            let stored = stored.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
            known.insert(name.to_owned(), detector(name, value, stored, policy)?.into());
        }
    }
    Ok(known)
}

fn detector(
    name: &str,
    value: &Value,
    mut fields: Map<String, Value>,
    policy: &UrlPolicy,
) -> Result<Map<String, Value>, DocumentError> {
    let value = value.as_object().ok_or_else(|| DocumentError::field(format!("{name} doit être un objet.")))?;
    if let Some(target) = value.get("target") {
        fields.insert("target".to_owned(), strict::target(target, &format!("{name}.target"), policy)?);
    }
    match value.get("outside_window") {
        Some(choice) if name == "recadrage" => {
            fields.insert("outside_window".to_owned(), outside_window(choice)?);
        }
        Some(_) => return Err(DocumentError::field(format!("{name}.outside_window n'est pas réglable."))),
        None => {}
    }
    Ok(fields)
}

fn outside_window(value: &Value) -> Result<Value, DocumentError> {
    let choice = value.as_str().and_then(OutsideWindow::parse);
    let choice = choice.ok_or_else(|| DocumentError::field("recadrage.outside_window doit être 'skip' ou 'hold'."))?;
    Ok(choice.as_str().into())
}
