//! From JSON to rules, or to what is wrong with it.
//!
//! On save the first fault refuses the whole set. Of a stored set every good rule is kept and every bad one reported.
//! The order of the checks, and the messages for what the predecessor checked too, are the predecessor's.

mod actions;
mod condition;
mod json;
mod make;
mod rule;
#[cfg(test)]
mod tests;
mod value;

use super::error::Place;
use super::{Bounds, RuleError, RuleSet};
use rule::Ids;
use serde_json::Value;

/// Says whether a URL may be called, and if not, why, in French.
pub type UrlCheck<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// What the checks measure with.
#[derive(Clone, Copy)]
struct Check<'a> {
    bounds: &'a Bounds,
    urls: UrlCheck<'a>,
}

/// A stored set, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stored {
    /// The good rules, in their order, with the ids they have in the full set.
    pub set: RuleSet,
    /// The others, in their order.
    pub broken: Vec<Broken>,
}

/// A stored rule that cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Why. Its `rule` is the rule's place in the stored list; `None` when the list itself cannot be read.
    pub error: RuleError,
    /// The rule as it is stored, so that nothing is lost when it is shown or saved again.
    pub stored: Value,
}

/// Reads a set of rules somebody wants to save: the list, or an object with the list under `rules`. Unknown keys are
/// dropped, missing ids and names are made up, Make.com tokens become URLs.
pub fn parse(value: &Value, bounds: &Bounds, urls: UrlCheck<'_>) -> Result<RuleSet, RuleError> {
    let list = rule_list(value)?;
    if list.len() > bounds.rules {
        let message = format!("Trop de règles : {} (max {}).", list.len(), bounds.rules);
        return Err(RuleError::of_the_list("too_many_rules", message));
    }
    let check = Check { bounds, urls };
    let mut ids = Ids::default();
    let rules = list.iter().enumerate().map(|(index, value)| rule::parse(index, value, check, &mut ids));
    Ok(RuleSet { rules: rules.collect::<Result<_, _>>()? })
}

/// Reads a stored set of rules, of any length.
pub fn parse_lenient(value: &Value, bounds: &Bounds, urls: UrlCheck<'_>) -> Stored {
    let list = match rule_list(value) {
        Ok(list) => list,
        Err(error) => return Stored { set: RuleSet::default(), broken: vec![Broken { error, stored: value.clone() }] },
    };
    let check = Check { bounds, urls };
    let mut ids = Ids::default();
    let mut stored = Stored::default();
    for (index, value) in list.iter().enumerate() {
        match rule::parse(index, value, check, &mut ids) {
            Ok(rule) => stored.set.rules.push(rule),
            Err(error) => stored.broken.push(Broken { error, stored: value.clone() }),
        }
    }
    stored
}

fn rule_list(value: &Value) -> Result<&[Value], RuleError> {
    let list = value.get("rules").unwrap_or(value).as_array();
    list.map(Vec::as_slice).ok_or_else(|| RuleError::of_the_list("rules_not_a_list", "rules doit être une liste."))
}
