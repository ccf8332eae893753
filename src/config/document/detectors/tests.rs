use super::*;
use crate::config::testing::{check, found, patch, policy, refusal};
use serde_json::json;

const KEY: DocumentKey = DocumentKey::Detectors;

fn load(stored: &Value) -> (Detectors, Vec<Report>) {
    let mut reports = Vec::new();
    let detectors = Detectors::load(Some(stored), &policy(), &mut reports);
    (detectors, reports)
}

#[test]
fn nothing_stored_gives_every_default() {
    for stored in [json!(null), json!({}), json!({"recadrage": {}, "desabo": null})] {
        assert_eq!(load(&stored), (Detectors::default(), vec![]), "{stored}");
    }
}

#[test]
fn everything_stored_is_read() {
    let stored = json!({"recadrage": {"target": "https://a.acme.fr/r", "outside_window": "Hold"},
        "desabo": {"target": "https://a.acme.fr/d"}});
    let (detectors, reports) = load(&stored);
    assert_eq!(detectors.recadrage_target.as_ref().map(TargetUrl::as_str), Some("https://a.acme.fr/r"));
    assert_eq!(detectors.desabo_target.as_ref().map(TargetUrl::as_str), Some("https://a.acme.fr/d"));
    assert_eq!((detectors.recadrage_outside_window, reports), (OutsideWindow::Hold, vec![]));
}

#[test]
fn each_bad_field_falls_back_and_is_reported() {
    let cases = [
        (json!([]), "*", "not_an_object"),
        (json!({"recadrage": "x"}), "recadrage", "invalid_field"),
        (json!({"recadrage": {"target": "https://10.0.0.1"}}), "recadrage.target", "target_refused"),
        (json!({"recadrage": {"target": 1}}), "recadrage.target", "invalid_field"),
        (json!({"recadrage": {"outside_window": "drop"}}), "recadrage.outside_window", "invalid_field"),
        (json!({"desabo": {"target": "http://a.acme.fr"}}), "desabo.target", "target_refused"),
    ];
    for (stored, field, code) in cases {
        let (detectors, reports) = load(&stored);
        assert_eq!((detectors, found(&reports)), (Detectors::default(), vec![(field, code)]), "{stored}");
    }
}

#[test]
fn saving_says_what_is_wrong() {
    let cases = [
        (json!({"recadrage": 1}), "invalid_field", "recadrage doit être un objet."),
        (
            json!({"desabo": {"target": "http://a.acme.fr"}}),
            "target_refused",
            "desabo.target doit être une URL HTTPS valide.",
        ),
        (
            json!({"recadrage": {"target": "https://example.com"}}),
            "target_refused",
            "recadrage.target ne peut pas être une URL placeholder (ex: example.com).",
        ),
        (
            json!({"recadrage": {"outside_window": "drop"}}),
            "invalid_field",
            "recadrage.outside_window doit être 'skip' ou 'hold'.",
        ),
        (json!({"desabo": {"outside_window": "hold"}}), "invalid_field", "desabo.outside_window n'est pas réglable."),
    ];
    for (submitted, code, message) in cases {
        assert_eq!(refusal(check(KEY, &submitted)), (code, message.to_owned()), "{submitted}");
    }
}

#[test]
fn a_partial_change_of_one_detector_keeps_its_other_fields() {
    let stored = json!({"recadrage": {"target": "https://a.acme.fr/r"}, "desabo": {"target": "https://a.acme.fr/d"}});
    let changes = json!({"recadrage": {"outside_window": " HOLD "}, "desabo": {"target": ""}});
    let expected = json!({"recadrage": {"target": "https://a.acme.fr/r", "outside_window": "hold"},
        "desabo": {"target": null}});
    assert_eq!(patch(KEY, &stored, &changes).unwrap(), expected);
}
