//! One rule.

use super::json::{self, Object};
use super::{Check, Place, RuleError, actions, condition};
use crate::rules::Rule;
use serde_json::Value;
use std::collections::HashSet;

/// The ids given so far.
#[derive(Default)]
pub(super) struct Ids(HashSet<String>);

impl Ids {
    /// `id` itself if it is free, else with the rule's number behind it.
    fn unique(&mut self, id: String, number: usize) -> String {
        let mut id = id;
        while !self.0.insert(id.clone()) {
            id = format!("{id}-{number}");
        }
        id
    }
}

pub(super) fn parse(index: usize, value: &Value, check: Check<'_>, ids: &mut Ids) -> Result<Rule, RuleError> {
    let mut place = Place { rule: index, name: String::new(), condition: None };
    let object =
        value.as_object().ok_or_else(|| place.literal("rule_not_an_object", "Chaque règle doit être un objet."))?;
    let id = ids.unique(id(object, index, check, &place)?, index + 1);
    place.name = name(object, index, check, &place)?;
    let enabled = json::boolean(object, "enabled", json::Default::True, &place)?;
    let conditions = condition::parse_all(object.get("conditions"), check, &place)?;
    let actions = actions::parse(object.get("actions"), check, &place)?;
    Ok(Rule { id, name: place.name, enabled, conditions, actions })
}

fn id(object: &Object, index: usize, check: Check<'_>, place: &Place) -> Result<String, RuleError> {
    let id = plain_text(object, "id", check, place)?;
    Ok(if id.is_empty() { format!("rule-{}", index + 1) } else { id })
}

/// A missing name is made up; one of blanks is a fault.
fn name(object: &Object, index: usize, check: Check<'_>, place: &Place) -> Result<String, RuleError> {
    let name = plain_text(object, "name", check, place)?;
    match object.get("name") {
        Some(Value::String(given)) if !given.is_empty() && name.is_empty() => {
            Err(place.literal("rule_without_name", "Chaque règle doit avoir un nom."))
        }
        _ if name.is_empty() => Ok(format!("Rule {}", index + 1)),
        _ => Ok(name),
    }
}

fn plain_text(object: &Object, key: &str, check: Check<'_>, place: &Place) -> Result<String, RuleError> {
    let text = json::text(object.get(key))
        .ok_or_else(|| place.error("not_a_text", format_args!("{key} doit être un texte.")))?;
    if text.chars().count() > check.bounds.value_chars {
        let max = check.bounds.value_chars;
        return Err(place.error("value_too_long", format_args!("{key} trop long (max {max} caractères).")));
    }
    Ok(text)
}
