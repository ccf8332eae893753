//! What the tests of this module share.

use super::document::{DocumentError, DocumentKey, Report};
use super::{Place, Settings};
use crate::delivery::{Loopback, UrlPolicy};
use serde_json::{Map, Value};

/// Settings read natively from these pairs.
pub(super) fn settings(pairs: &[(&str, &str)]) -> Settings {
    settings_at(pairs, Place::Native)
}

/// Settings read in that place from these pairs.
pub(super) fn settings_at(pairs: &[(&str, &str)], place: Place) -> Settings {
    let lookup = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Settings::read(&lookup, place).unwrap()
}

/// The strictest policy, with `signal.test` as the own host.
pub(super) fn policy() -> UrlPolicy {
    UrlPolicy { loopback: Loopback::Refused, own_hosts: vec!["signal.test".to_owned()] }
}

/// What a whole document becomes, without `version`.
pub(super) fn check(key: DocumentKey, submitted: &Value) -> Result<Value, DocumentError> {
    key.check(submitted, &policy()).map(|checked| without_version(checked.fields()))
}

/// What a partial change over `stored` becomes, without `version`.
pub(super) fn patch(key: DocumentKey, stored: &Value, changes: &Value) -> Result<Value, DocumentError> {
    key.patch(stored, changes, &policy()).map(|checked| without_version(checked.fields()))
}

/// The message and code a submission is refused with.
pub(super) fn refusal(result: Result<Value, DocumentError>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.code.as_str(), error.message)
}

/// Fields and codes, in order.
pub(super) fn found(reports: &[Report]) -> Vec<(&str, &'static str)> {
    reports.iter().map(|report| (report.field.as_str(), report.code.as_str())).collect()
}

fn without_version(fields: &Map<String, Value>) -> Value {
    let mut fields = fields.clone();
    assert_eq!(fields.remove("version"), Some(Value::from(1)));
    fields.into()
}
