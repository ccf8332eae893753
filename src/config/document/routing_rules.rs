//! `routing_rules`: the user's rules, as `rules` reads them.

#[cfg(test)]
mod tests;

use super::DocumentKey;
use super::error::{DocumentError, DocumentErrorCode};
use super::report::{Report, ReportCode};
use crate::delivery::{TargetUrl, UrlPolicy};
use crate::rules::check::{Broken, parse, parse_lenient};
use crate::rules::{Bounds, RuleSet};
use serde_json::{Map, Value};

/// The stored rules. One bad rule never empties the others: it is kept aside, to be shown as broken.
#[derive(Debug, Clone, Default)]
pub struct RoutingRules {
    /// The rules that run.
    pub set: RuleSet,
    /// The others, as they are stored.
    pub broken: Vec<Broken>,
}

impl RoutingRules {
    /// Reads the stored document.
    pub fn load(stored: Option<&Value>, policy: &UrlPolicy, reports: &mut Vec<Report>) -> Self {
        let Some(rules) = stored.filter(|value| !holds_nothing(value)) else { return Self::default() };
        let read = parse_lenient(rules, &Bounds::default(), &|url| admit(url, policy));
        reports.extend(read.broken.iter().map(report));
        Self { set: read.set, broken: read.broken }
    }
}

/// Never saved, or saved without a list.
fn holds_nothing(stored: &Value) -> bool {
    stored.is_null() || stored.as_object().is_some_and(|fields| fields.get("rules").is_none_or(Value::is_null))
}

fn report(broken: &Broken) -> Report {
    let error = &broken.error;
    let field = error.rule.map_or_else(|| "rules".to_owned(), |index| format!("rules[{index}]"));
    let message = error.message.clone();
    Report { document: DocumentKey::RoutingRules, field, code: ReportCode::Rule, message }
}

/// The rules that are submitted: all of them at once.
pub(super) fn check(submitted: &Map<String, Value>, policy: &UrlPolicy) -> Result<Map<String, Value>, DocumentError> {
    let refused = |message: String| DocumentError { code: DocumentErrorCode::InvalidRule, message };
    let rules = submitted.get("rules").unwrap_or(&Value::Null);
    let set = parse(rules, &Bounds::default(), &|url| admit(url, policy)).map_err(|error| refused(error.message))?;
    let rules = serde_json::to_value(&set).map_err(|error| refused(error.to_string()))?;
    Ok(Map::from_iter([("rules".to_owned(), rules)]))
}

fn admit(url: &str, policy: &UrlPolicy) -> Result<(), String> {
    TargetUrl::parse(url, policy).map(drop).map_err(|refusal| refusal.message().to_owned())
}
