//! Whether the backend still holds what was written there.

use serde_json::{Map, Value};

/// The field that the backend sets to its own time at each write.
const STAMP: &str = "_updated_at";

/// Whether two readings are the same document, although PHP has written one of them: it stamps documents itself, makes a list of an
/// empty object, and a whole number of 1.0.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => same_fields(one, other, |name| name != STAMP),
        _ => alike(one, other),
    }
}

fn same_fields(one: &Map<String, Value>, other: &Map<String, Value>, counts: impl Fn(&str) -> bool) -> bool {
    let named = |fields: &Map<String, Value>| fields.keys().filter(|name| counts(name)).count();
    let mut fields = one.iter().filter(|(name, _)| counts(name));
    named(one) == named(other) && fields.all(|(name, value)| other.get(name).is_some_and(|found| alike(value, found)))
}

fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(fields), Value::Array(items)) | (Value::Array(items), Value::Object(fields)) => {
            fields.is_empty() && items.is_empty()
        }
        (Value::Object(one), Value::Object(other)) => same_fields(one, other, |_| true),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        // As text first: two whole numbers beyond what a fraction can tell apart are not the same.
        (Value::Number(one), Value::Number(other)) => {
            one == other || ((one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64())
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::same;
    use serde_json::json;

    #[test]
    fn what_php_does_to_a_document_is_no_change() {
        let ours = json!({"a": {}, "n": 1.0, "list": [{"b": {}}], "_updated_at": "x"});
        let theirs = json!({"a": [], "n": 1, "list": [{"b": []}], "_updated_at": "2026-11-20T15:16:00+00:00"});
        assert!(same(&ours, &theirs) && same(&theirs, &ours));
        assert!(same(&json!({"a": 1}), &json!({"a": 1, "_updated_at": "y"})));
    }

    #[test]
    fn everything_else_is() {
        let ours = json!({"a": {"_updated_at": "x", "n": 9_007_199_254_740_993_i64}, "l": [1, 2]});
        for theirs in [
            json!({}),
            json!({"a": {"_updated_at": "y", "n": 9_007_199_254_740_993_i64}, "l": [1, 2]}),
            json!({"a": {"_updated_at": "x", "n": 9_007_199_254_740_992_i64}, "l": [1, 2]}),
            json!({"a": {"_updated_at": "x", "n": 9_007_199_254_740_993_i64}, "l": [2, 1]}),
            json!({"a": {"_updated_at": "x", "n": 9_007_199_254_740_993_i64}, "l": [1, 2], "more": null}),
            json!("a"),
        ] {
            assert!(!same(&ours, &theirs) && !same(&theirs, &ours), "{theirs}");
        }
        assert!(!same(&json!({"_updated_at": "x", "a": 1}), &json!({"_updated_at": "x", "b": 1})));
    }
}
