//! What a rule does.

use super::json::{self, Default, Object};
use super::{Check, Place, RuleError, make};
use crate::rules::{Actions, Destination, Priority};
use serde_json::Value;

pub(super) fn parse(value: Option<&Value>, check: Check<'_>, place: &Place) -> Result<Actions, RuleError> {
    let object = value
        .and_then(Value::as_object)
        .ok_or_else(|| place.literal("actions_not_an_object", "Actions invalides (objet attendu)."))?;
    Ok(Actions {
        destination: destination(object, check, place)?,
        priority: priority(object, place)?,
        stop_processing: json::boolean(object, "stop_processing", Default::False, place)?,
        hold: json::boolean(object, "hold", Default::False, place)?,
        hold_hours: hold_hours(object, check, place)?,
    })
}

fn destination(object: &Object, check: Check<'_>, place: &Place) -> Result<Destination, RuleError> {
    let given = |key| object.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    match (given("webhook_url"), given("target")) {
        (Some(url), None) => self::url(url, check, place).map(Destination::Url),
        (None, Some(id)) if id.chars().count() <= check.bounds.value_chars => Ok(Destination::Target(id.to_owned())),
        (None, Some(_)) => Err(place.error("value_too_long", "target trop long.")),
        (Some(_), Some(_)) => {
            Err(place.error("two_destinations", "donner soit webhook_url, soit target, mais pas les deux."))
        }
        (None, None) => Err(place.literal("webhook_url_required", "webhook_url est requis pour chaque règle.")),
    }
}

fn url(text: &str, check: Check<'_>, place: &Place) -> Result<String, RuleError> {
    // Plain http is for the admission to judge: it admits it towards loopback in development, and nowhere else.
    let admissible = |url: &str| url.starts_with("https://") || (check.urls)(url).is_ok();
    let url = make::normalise(text)
        .filter(|url| url::Url::parse(url).is_ok() && admissible(url))
        .ok_or_else(|| place.literal("webhook_url_not_https", "webhook_url doit être une URL HTTPS valide."))?;
    if url.chars().count() > check.bounds.value_chars {
        return Err(place.error("value_too_long", "webhook_url trop longue."));
    }
    (check.urls)(&url).map_err(|reason| place.error("webhook_url_refused", reason))?;
    Ok(url)
}

fn priority(object: &Object, place: &Place) -> Result<Priority, RuleError> {
    let priority = match object.get("priority") {
        None | Some(Value::Null) => Some(Priority::default()),
        Some(Value::String(text)) if text.is_empty() => Some(Priority::default()),
        Some(other) => other.as_str().and_then(Priority::parse),
    };
    // The predecessor's words, which do not know `low`: clients compare them.
    priority.ok_or_else(|| place.literal("priority_invalid", "priority invalide (normal|high)."))
}

fn hold_hours(object: &Object, check: Check<'_>, place: &Place) -> Result<Option<u16>, RuleError> {
    let max = check.bounds.hold_hours;
    match object.get("hold_hours") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_u64()
            .and_then(|hours| u16::try_from(hours).ok())
            .filter(|hours| (1..=max).contains(hours))
            .map(Some)
            .ok_or_else(|| {
                let what = format_args!("hold_hours attend un nombre d'heures entier entre 1 et {max}.");
                place.error("hold_hours_invalid", what)
            }),
    }
}
