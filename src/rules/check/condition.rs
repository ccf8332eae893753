//! Conditions and groups of them.

use super::json::{self, Default, Object};
use super::{Check, Place, RuleError, value};
use crate::rules::operator::Name;
use crate::rules::{Condition, Field, Group, Matching, Node};
use serde_json::Value;

const NONE_GIVEN: &str = "Chaque règle doit contenir au moins une condition.";

/// The conditions of a rule.
pub(super) fn parse_all(value: Option<&Value>, check: Check<'_>, place: &Place) -> Result<Vec<Node>, RuleError> {
    let list = non_empty(value).ok_or_else(|| place.literal("rule_without_conditions", NONE_GIVEN))?;
    Reader { check, place: place.clone(), count: 0 }.nodes(list, 0)
}

/// Reads the conditions of one rule, counting them.
struct Reader<'a> {
    check: Check<'a>,
    place: Place,
    count: usize,
}

impl Reader<'_> {
    fn nodes(&mut self, list: &[Value], depth: usize) -> Result<Vec<Node>, RuleError> {
        list.iter().map(|value| self.node(value, depth)).collect()
    }

    fn node(&mut self, value: &Value, depth: usize) -> Result<Node, RuleError> {
        self.place.condition = Some(self.count);
        let object = value
            .as_object()
            .ok_or_else(|| self.place.literal("condition_not_an_object", "Condition invalide (objet attendu)."))?;
        if object.contains_key("match") || object.contains_key("conditions") {
            return self.group(object, depth + 1).map(Node::Group);
        }
        self.count += 1;
        let max = self.check.bounds.conditions;
        if self.count > max {
            let message = format_args!("trop de conditions (max {max} par règle).");
            return Err(self.place.error("too_many_conditions", message));
        }
        condition(object, self.check, &self.place).map(Node::Condition)
    }

    fn group(&mut self, object: &Object, depth: usize) -> Result<Group, RuleError> {
        let max = self.check.bounds.depth;
        if depth > max {
            let message = format_args!("groupes trop imbriqués (max {max} niveaux).");
            return Err(self.place.error("groups_too_deep", message));
        }
        let matching = matching(object.get("match"))
            .ok_or_else(|| self.place.error("group_invalid", "groupe invalide : match doit être all, any ou none."))?;
        let list = non_empty(object.get("conditions"))
            .ok_or_else(|| self.place.error("group_empty", "un groupe doit contenir au moins une condition."))?;
        Ok(Group { matching, conditions: self.nodes(list, depth)? })
    }
}

fn condition(object: &Object, check: Check<'_>, place: &Place) -> Result<Condition, RuleError> {
    let word = |key| object.get(key).and_then(Value::as_str);
    let field = word("field")
        .and_then(Field::parse)
        .ok_or_else(|| place.literal("unknown_field", "Champ de condition invalide."))?;
    let name = word("operator")
        .and_then(Name::parse)
        .ok_or_else(|| place.literal("unknown_operator", "Opérateur de condition invalide."))?;
    let operator = value::operator(&field, name, object.get("value"), check, place)?;
    let condition = Condition {
        field,
        operator,
        case_sensitive: json::boolean(object, "case_sensitive", Default::False, place)?,
        accent_sensitive: json::boolean(object, "accent_sensitive", Default::True, place)?,
        negate: json::boolean(object, "negate", Default::False, place)?,
    };
    value::pattern_compiles(&condition, place)?;
    Ok(condition)
}

fn matching(value: Option<&Value>) -> Option<Matching> {
    match value?.as_str()?.trim().to_lowercase().as_str() {
        "all" => Some(Matching::All),
        "any" => Some(Matching::Any),
        "none" => Some(Matching::None),
        _ => None,
    }
}

fn non_empty(value: Option<&Value>) -> Option<&[Value]> {
    value.and_then(Value::as_array).map(Vec::as_slice).filter(|list| !list.is_empty())
}
