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

const GUIDE: &str = include_str!("../../../docs/configuration.md");

/// The part of the documentation under the heading of that document.
fn section(key: DocumentKey) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("### `{key}`\n")).unwrap();
    rest.split("\n### ").next().unwrap()
}

#[test]
fn the_documented_examples_can_be_saved() {
    for key in DocumentKey::ALL {
        let (_, example) = section(key).split_once("```json\n").unwrap();
        let example = serde_json::from_str(example.split("```").next().unwrap()).unwrap();
        key.check(&example, &policy()).unwrap();
    }
}

#[test]
fn the_documentation_lists_every_field() {
    let fields: [(DocumentKey, &[&str]); 5] = [
        (
            DocumentKey::WebhookConfig,
            &[
                "webhook_url",
                "webhook_sending_enabled",
                "webhook_delivery_mode",
                "webhook_fallback_on_415",
                "webhook_ssl_verify",
                "webhook_time_start`, `webhook_time_end",
                "absence_pause_enabled",
                "absence_pause_days",
                "recadrage_webhook_url`, `autorepondeur_webhook_url",
            ],
        ),
        (
            DocumentKey::ProcessingPrefs,
            &[
                "exclude_keywords",
                "exclude_keywords_recadrage",
                "exclude_keywords_autorepondeur",
                "require_attachments",
                "max_email_size_mb",
                "sender_priority",
                "retry_count",
                "retry_delay_sec",
                "webhook_timeout_sec",
                "rate_limit_per_hour",
                "notify_on_failure",
                "mirror_media_to_custom",
            ],
        ),
        (
            DocumentKey::RuntimeFlags,
            &["gmail_ingress_enabled", "disable_email_id_dedup", "allow_custom_webhook_without_links"],
        ),
        (DocumentKey::RoutingRules, &["rules"]),
        (DocumentKey::Detectors, &["recadrage.target", "recadrage.outside_window", "desabo.target"]),
    ];
    for (key, expected) in fields {
        let documented: Vec<_> =
            section(key).lines().filter_map(|line| line.strip_prefix("| `")?.split("` | ").next()).collect();
        assert_eq!(documented, expected, "{key}");
    }
}
