use super::*;
use crate::calendar::Timestamp;
use crate::config::testing::{check, patch, policy};
use serde_json::json;

#[test]
fn names_are_those_of_the_store() {
    let names = DocumentKey::ALL.map(DocumentKey::as_str);
    assert_eq!(names, ["webhook_config", "processing_prefs", "runtime_flags", "routing_rules", "detectors"]);
    for key in DocumentKey::ALL {
        assert_eq!(DocumentKey::parse(key.as_str()), Some(key));
        assert_eq!(serde_json::to_value(key).unwrap(), json!(key.as_str()));
    }
    for name in ["", "Webhook_Config", "magic_link_tokens", "polling_config", " detectors"] {
        assert_eq!(DocumentKey::parse(name), None, "{name:?}");
    }
}

#[test]
fn a_document_is_an_object() {
    for key in DocumentKey::ALL {
        for value in [json!(null), json!([]), json!("x"), json!(1)] {
            let error = key.check(&value, &policy()).unwrap_err();
            assert_eq!(
                (error.code.as_str(), error.to_string().as_str()),
                ("not_an_object", "Le document doit être un objet JSON.")
            );
            assert_eq!(key.patch(&json!({}), &value, &policy()).unwrap_err(), error);
        }
    }
}

#[test]
fn a_whole_document_keeps_what_it_does_not_know() {
    let submitted = json!({"presence_flag": 1, "polling_enabled": true, "webhook_url": null});
    assert_eq!(check(DocumentKey::WebhookConfig, &submitted).unwrap(), submitted);
}

#[test]
fn a_partial_change_keeps_what_is_stored_and_ignores_what_it_does_not_know() {
    let stored = json!({"global_time_start": "08:00", "polling_enabled": false, "presence_flag": "x",
        "webhook_sending_enabled": true});
    let changes = json!({"webhook_sending_enabled": false, "polling_enabled": true,
        "recadrage_webhook_url": "https://a.test", "anything": 1});
    let expected = json!({"global_time_start": "08:00", "polling_enabled": false, "presence_flag": "x",
        "webhook_sending_enabled": false});
    assert_eq!(patch(DocumentKey::WebhookConfig, &stored, &changes).unwrap(), expected);
}

#[test]
fn a_partial_change_of_nothing_stored_starts_empty() {
    for stored in [json!(null), json!([1]), json!("x")] {
        let changed = patch(DocumentKey::RuntimeFlags, &stored, &json!({"gmail_ingress_enabled": false})).unwrap();
        assert_eq!(changed, json!({"gmail_ingress_enabled": false}));
    }
}

#[test]
fn saving_marks_the_document_as_ours_and_dates_it() {
    let submitted = json!({"_updated_at": "yesterday", "version": 99});
    let checked = DocumentKey::RuntimeFlags.check(&submitted, &policy()).unwrap();
    assert_eq!(checked.key(), DocumentKey::RuntimeFlags);
    let stamped = checked.stamped(Timestamp::from_millis(1_774_745_999_123));
    assert_eq!(stamped, json!({"_updated_at": "2026-03-29T00:59:59.123000+00:00", "version": 1}));
}
