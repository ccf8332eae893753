use super::*;
use crate::config::testing::{check, found, refusal, settings};
use serde_json::json;

fn load(stored: &Value, pairs: &[(&str, &str)]) -> ([bool; 3], Vec<Report>) {
    let mut reports = Vec::new();
    let flags = RuntimeFlags::load(Some(stored), &settings(pairs), &mut reports);
    let RuntimeFlags { disable_email_id_dedup, allow_custom_webhook_without_links, gmail_ingress_enabled } = flags;
    ([disable_email_id_dedup, allow_custom_webhook_without_links, gmail_ingress_enabled], reports)
}

#[test]
fn the_environment_gives_two_defaults() {
    let on = [("DISABLE_EMAIL_ID_DEDUP", "1"), ("ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS", "1")];
    assert_eq!(load(&json!({}), &[]).0, [false, false, true]);
    assert_eq!(load(&json!({}), &on).0, [true, true, true]);
    let off = json!({"disable_email_id_dedup": false, "allow_custom_webhook_without_links": false,
        "gmail_ingress_enabled": false, "maintenance_mode": true});
    assert_eq!(load(&off, &on), ([false; 3], vec![]));
}

#[test]
fn only_booleans_are_booleans() {
    for value in [json!("false"), json!(0), json!([]), json!({})] {
        let (flags, reports) = load(&json!({"gmail_ingress_enabled": value}), &[]);
        assert_eq!(flags, [false, false, true]);
        assert_eq!(found(&reports), [("gmail_ingress_enabled", "invalid_field")]);
    }
    assert_eq!(load(&json!({"gmail_ingress_enabled": null}), &[]).1, []);
    for name in NAMES {
        let refused = refusal(check(DocumentKey::RuntimeFlags, &json!({name: "false"})));
        assert_eq!(refused, ("invalid_field", format!("{name} doit être un booléen (true ou false).")));
    }
}

#[test]
fn a_stored_document_of_another_shape_holds_its_defaults() {
    let (flags, reports) = load(&json!([true]), &[]);
    assert_eq!(flags, [false, false, true]);
    assert_eq!(found(&reports), [("*", "not_an_object")]);
    let mut reports = Vec::new();
    RuntimeFlags::load(None, &settings(&[]), &mut reports);
    assert_eq!(reports, []);
}
