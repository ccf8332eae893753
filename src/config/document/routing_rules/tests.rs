use super::*;
use crate::config::testing::{check, found, patch, policy, refusal};
use crate::delivery::Loopback;
use serde_json::json;

const KEY: DocumentKey = DocumentKey::RoutingRules;

fn rule(url: &str) -> Value {
    json!({"id": "r", "name": "R", "conditions": [{"field": "subject", "operator": "contains", "value": "lot"}],
        "actions": {"webhook_url": url}})
}

fn load(stored: &Value) -> (RoutingRules, Vec<Report>) {
    let mut reports = Vec::new();
    let rules = RoutingRules::load(Some(stored), &policy(), &mut reports);
    (rules, reports)
}

#[test]
fn nothing_stored_is_no_rule() {
    for stored in [json!(null), json!({}), json!({"rules": []}), json!({"rules": null, "_updated_at": null})] {
        let (rules, reports) = load(&stored);
        assert!(rules.set.rules.is_empty() && rules.broken.is_empty() && reports.is_empty(), "{stored}");
    }
}

#[test]
fn one_bad_rule_never_empties_the_others() {
    let stored =
        json!({"rules": [rule("https://a.acme.fr/"), rule("https://10.0.0.1/"), 5, rule("https://b.acme.fr/")]});
    let (rules, reports) = load(&stored);
    assert_eq!((rules.set.rules.len(), rules.broken.len()), (2, 2));
    assert_eq!(found(&reports), [("rules[1]", "rule"), ("rules[2]", "rule")]);
}

#[test]
fn plain_http_reaches_loopback_when_the_switch_is_on_and_nothing_else() {
    let allowed = UrlPolicy { loopback: Loopback::Allowed, ..UrlPolicy::default() };
    for (url, with_switch) in [("http://127.0.0.1:9/x", true), ("http://hooks.acme.fr/x", false)] {
        let stored = json!({"rules": [rule(url)]});
        let read = |policy: &UrlPolicy| RoutingRules::load(Some(&stored), policy, &mut Vec::new()).broken.is_empty();
        assert_eq!((read(&allowed), read(&policy())), (with_switch, false), "{url}");
    }
}

#[test]
fn what_is_no_list_is_reported() {
    for stored in [json!("x"), json!({"rules": "x"})] {
        assert_eq!(found(&load(&stored).1), [("rules", "rule")], "{stored}");
    }
}

#[test]
fn saving_refuses_the_whole_set_for_one_rule() {
    let refused = |submitted: &Value| refusal(check(KEY, submitted));
    assert_eq!(refused(&json!({"rules": "x"})), ("invalid_rule", "rules doit être une liste.".to_owned()));
    assert_eq!(refused(&json!({})), ("invalid_rule", "rules doit être une liste.".to_owned()));
    let (code, message) = refused(&json!({"rules": [rule("https://a.acme.fr/"), rule("https://10.0.0.1/")]}));
    assert_eq!(code, "invalid_rule");
    assert!(message.contains("adresse réseau interdite"), "{message}");
}

#[test]
fn saving_writes_the_rules_as_they_are_read_back() {
    let saved = check(KEY, &json!({"rules": [rule("https://a.acme.fr/"), rule("token")], "kept": 1})).unwrap();
    assert_eq!(saved["kept"], json!(1));
    assert_eq!(saved["rules"][1]["actions"]["webhook_url"], json!("https://hook.eu2.make.com/token"));
    let (rules, reports) = load(&saved);
    assert_eq!((serde_json::to_value(&rules.set).unwrap(), reports), (saved["rules"].clone(), vec![]));
    assert_eq!(patch(KEY, &saved, &json!({"rules": []})).unwrap(), json!({"rules": [], "kept": 1}));
}
