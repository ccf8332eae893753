//! Reading single keys of an object.

use super::{Place, RuleError};
use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// A boolean, the default when the key is missing or null. Nothing else counts: the predecessor took the text `"false"`
/// for true.
pub(super) fn boolean(object: &Object, key: &str, default: Default, place: &Place) -> Result<bool, RuleError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(default == Default::True),
        Some(Value::Bool(value)) => Ok(*value),
        Some(other) => {
            Err(place.error("not_a_boolean", format_args!("{key} doit être true ou false (reçu {}).", short(other))))
        }
    }
}

/// What a missing boolean means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Default {
    True,
    False,
}

/// A text or a number as text, trimmed; empty for what says nothing (missing, null, false, 0, empty). `None` for what is
/// no text at all.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => Some(String::new()),
        Some(Value::String(text)) => Some(text.trim().to_owned()),
        Some(Value::Number(number)) if number.as_f64() == Some(0.0) => Some(String::new()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Array(list)) if list.is_empty() => Some(String::new()),
        Some(Value::Object(object)) if object.is_empty() => Some(String::new()),
        Some(_) => None,
    }
}

/// The start of a value, for a message.
fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text }
}
