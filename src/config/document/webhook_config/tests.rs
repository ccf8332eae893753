use super::*;
use crate::config::testing::{check, found, patch, refusal, settings, settings_at};
use crate::delivery::UrlRefusal;
use serde_json::json;

const KEY: DocumentKey = DocumentKey::WebhookConfig;
const URL_MESSAGE: &str = "webhook_url doit être une URL HTTPS valide.";
const PLACEHOLDER: &str = "webhook_url ne peut pas être une URL placeholder (ex: example.com).";
const ONE_DAY: &str = "Au moins un jour doit être sélectionné pour activer la pause absence.";
const BOTH: &str = "Both webhook_time_start and webhook_time_end are required (or both empty to clear).";
const FORMAT: &str = "Invalid time format. Use HHhMM or HH:MM (e.g., 11h30, 17:45).";
const SAME: &str =
    "webhook_time_start et webhook_time_end doivent être différentes : la fenêtre ne s'ouvrirait jamais.";

fn load(stored: &Value, pairs: &[(&str, &str)]) -> (WebhookConfig, Vec<Report>) {
    let mut reports = Vec::new();
    let config = WebhookConfig::load(Some(stored), &settings(pairs), &mut reports);
    (config, reports)
}

fn url(config: &WebhookConfig) -> Option<&str> {
    config.target.as_ref().map(TargetUrl::as_str)
}

#[test]
fn saving_refuses_with_the_predecessors_messages() {
    let cases = [
        (json!({"webhook_url": "http://hooks.acme.fr"}), "target_refused", URL_MESSAGE),
        (json!({"webhook_url": "tok@hook.eu2.make.com"}), "target_refused", URL_MESSAGE),
        (json!({"webhook_url": 12}), "target_refused", URL_MESSAGE),
        (json!({"webhook_url": "https://example.com/x"}), "target_refused", PLACEHOLDER),
        (json!({"webhook_delivery_mode": "xml"}), "invalid_field", "webhook_delivery_mode doit être 'json' ou 'form'."),
        (json!({"webhook_delivery_mode": null}), "invalid_field", "webhook_delivery_mode doit être 'json' ou 'form'."),
        (json!({"webhook_delivery_mode": ""}), "invalid_field", "webhook_delivery_mode doit être 'json' ou 'form'."),
        (json!({"absence_pause_days": "monday"}), "invalid_field", "absence_pause_days doit être une liste."),
        (json!({"absence_pause_days": ["Lundi", "monday", "xday"]}), "invalid_field", "Jours invalides: lundi, xday"),
        (json!({"absence_pause_enabled": true}), "conflict", ONE_DAY),
        (json!({"absence_pause_enabled": true, "absence_pause_days": []}), "conflict", ONE_DAY),
        (json!({"webhook_time_start": "9h00"}), "conflict", BOTH),
        (json!({"webhook_time_end": "9h00"}), "conflict", BOTH),
        (json!({"webhook_time_start": "9h00", "webhook_time_end": " "}), "conflict", BOTH),
        (json!({"webhook_time_start": "9h", "webhook_time_end": "18h00"}), "invalid_field", FORMAT),
        (json!({"webhook_time_start": "9h00", "webhook_time_end": "24h00"}), "invalid_field", FORMAT),
        (json!({"webhook_time_start": 9, "webhook_time_end": "18h00"}), "invalid_field", FORMAT),
        // Decision 10: refused here, where the predecessor saved a window that never opened.
        (json!({"webhook_time_start": "9h00", "webhook_time_end": "09:00"}), "conflict", SAME),
    ];
    for (submitted, code, message) in cases {
        assert_eq!(refusal(check(KEY, &submitted)), (code, message.to_owned()), "{submitted}");
        assert_eq!(refusal(patch(KEY, &json!({}), &submitted)), (code, message.to_owned()), "{submitted}");
    }
}

#[test]
fn saving_takes_booleans_for_switches_only() {
    for name in ["webhook_ssl_verify", "webhook_sending_enabled", "webhook_fallback_on_415", "absence_pause_enabled"] {
        for value in [json!("false"), json!(0), json!(null)] {
            let message = format!("{name} doit être un booléen (true ou false).");
            assert_eq!(refusal(check(KEY, &json!({name: value}))), ("invalid_field", message));
        }
        assert_eq!(check(KEY, &json!({name: false})).unwrap(), json!({name: false}));
    }
}

#[test]
fn saving_refuses_forbidden_targets_with_their_reason() {
    for (target, refusal_code) in [
        ("https://10.0.0.1/x", UrlRefusal::ForbiddenAddress),
        ("https://u:p@hooks.acme.fr/x", UrlRefusal::Userinfo),
        ("https://signal.test/api", UrlRefusal::OwnHost),
    ] {
        let refused = refusal(check(KEY, &json!({"webhook_url": target})));
        assert_eq!(refused, ("target_refused", refusal_code.message().to_owned()), "{target}");
    }
}

#[test]
fn saving_normalises() {
    let submitted = json!({"webhook_url": " https://hooks.acme.fr/x ", "webhook_delivery_mode": " FORM ",
        "absence_pause_days": [" Monday", "FRIDAY", 3, "monday"], "absence_pause_enabled": true,
        "webhook_time_start": " 9h05 ", "webhook_time_end": "17:30", "webhook_ssl_verify": true});
    let saved = json!({"webhook_url": "https://hooks.acme.fr/x", "webhook_delivery_mode": "form",
        "absence_pause_days": ["monday", "friday"], "absence_pause_enabled": true,
        "webhook_time_start": "9h05", "webhook_time_end": "17:30", "webhook_ssl_verify": true});
    assert_eq!(check(KEY, &submitted).unwrap(), saved);
}

#[test]
fn blank_and_null_clear() {
    for blank in [json!(null), json!(""), json!("  ")] {
        assert_eq!(check(KEY, &json!({"webhook_url": blank})).unwrap(), json!({"webhook_url": null}));
        let times = json!({"webhook_time_start": blank, "webhook_time_end": ""});
        let cleared = json!({"webhook_time_start": "", "webhook_time_end": ""});
        assert_eq!(check(KEY, &times).unwrap(), cleared);
    }
}

#[test]
fn the_days_of_a_running_pause_cannot_be_taken_away() {
    let on = json!({"absence_pause_enabled": true, "absence_pause_days": ["monday"]});
    let off = json!({"absence_pause_enabled": false, "absence_pause_days": ["monday"]});
    let none = json!({"absence_pause_days": []});
    assert_eq!(refusal(patch(KEY, &on, &none)), ("conflict", ONE_DAY.to_owned()));
    assert!(patch(KEY, &off, &none).is_ok());
    // Stored days do not count when the pause is turned on.
    assert_eq!(refusal(patch(KEY, &off, &json!({"absence_pause_enabled": true}))).1, ONE_DAY);
    assert!(patch(KEY, &on, &json!({"absence_pause_days": [], "absence_pause_enabled": false})).is_ok());
}

#[test]
fn a_long_list_of_bad_days_is_not_repeated_whole() {
    let (_, message) = refusal(check(KEY, &json!({"absence_pause_days": vec!["xday"; 100_000]})));
    assert!(message.len() < 200);
}

#[test]
fn nothing_stored_gives_every_default() {
    let (config, reports) = load(&json!({}), &[]);
    assert_eq!((url(&config), config.target_refused), (None, None));
    assert!(config.sending_enabled && config.fallback_on_415);
    assert_eq!((config.mode, config.tls), (Mode::Json, Tls::Verified));
    assert_eq!((config.window, config.absence), (SendingWindow::default(), Absence::default()));
    assert_eq!(reports, []);
}

#[test]
fn the_environment_holds_where_nothing_is_stored() {
    let pairs = [
        ("WEBHOOK_URL", "https://env.acme.fr/"),
        ("WEBHOOK_SENDING_ENABLED", "0"),
        ("WEBHOOK_FALLBACK_ON_415", "0"),
        ("WEBHOOK_DELIVERY_MODE", "form"),
        ("WEBHOOK_SSL_VERIFY", "0"),
    ];
    let null = json!({"webhook_url": null, "webhook_sending_enabled": null, "webhook_fallback_on_415": null,
        "webhook_delivery_mode": null, "webhook_ssl_verify": null});
    for stored in [json!({}), null] {
        let (config, reports) = load(&stored, &pairs);
        assert_eq!(url(&config), Some("https://env.acme.fr/"));
        assert!(!config.sending_enabled && !config.fallback_on_415);
        assert_eq!((config.mode, config.tls), (Mode::Form, Tls::Unverified));
        assert_eq!(reports, []);
    }
    let stored = json!({"webhook_url": "https://doc.acme.fr/", "webhook_sending_enabled": true,
        "webhook_fallback_on_415": true, "webhook_delivery_mode": "JSON", "webhook_ssl_verify": true});
    let (config, reports) = load(&stored, &pairs);
    assert_eq!(url(&config), Some("https://doc.acme.fr/"));
    assert!(config.sending_enabled && config.fallback_on_415);
    assert_eq!((config.mode, config.tls), (Mode::Json, Tls::Verified));
    assert_eq!(reports, []);
}

#[test]
fn null_is_not_false() {
    let (config, reports) = load(&json!({"webhook_ssl_verify": null}), &[]);
    assert_eq!((config.tls, reports), (Tls::Verified, vec![]));
    assert_eq!(load(&json!({"webhook_ssl_verify": false}), &[]).0.tls, Tls::Unverified);
}

#[test]
fn a_worker_always_verifies() {
    let mut reports = Vec::new();
    let stored = json!({"webhook_ssl_verify": false});
    let config = WebhookConfig::load(Some(&stored), &settings_at(&[], Place::Worker), &mut reports);
    assert_eq!(config.tls, Tls::Verified);
    assert_eq!(found(&reports), [("webhook_ssl_verify", "invalid_field")]);
}

#[test]
fn each_bad_field_falls_back_and_is_reported() {
    let cases = [
        (json!({"webhook_url": 5}), "webhook_url", "invalid_field"),
        (json!({"webhook_url": "http://x.fr"}), "webhook_url", "target_refused"),
        (json!({"webhook_ssl_verify": "no"}), "webhook_ssl_verify", "invalid_field"),
        (json!({"webhook_sending_enabled": "false"}), "webhook_sending_enabled", "invalid_field"),
        (json!({"webhook_delivery_mode": "xml"}), "webhook_delivery_mode", "invalid_field"),
        (json!({"webhook_fallback_on_415": 1}), "webhook_fallback_on_415", "invalid_field"),
        (json!({"webhook_time_start": 9}), "webhook_time_start", "invalid_field"),
        (json!({"webhook_time_end": "9h"}), "webhook_time_end", "invalid_field"),
        (json!({"absence_pause_enabled": "yes"}), "absence_pause_enabled", "invalid_field"),
        (json!({"absence_pause_days": "monday"}), "absence_pause_days", "invalid_field"),
        (json!({"absence_pause_days": ["monday", 3, "lundi"]}), "absence_pause_days", "invalid_items"),
    ];
    for (stored, field, code) in cases {
        let (config, reports) = load(&stored, &[]);
        assert_eq!(found(&reports), [(field, code)], "{stored}");
        assert!(config.target.is_none() && config.sending_enabled && config.fallback_on_415, "{stored}");
        assert_eq!((config.mode, config.tls, config.window.window), (Mode::Json, Tls::Verified, None), "{stored}");
        assert!(!config.absence.enabled, "{stored}");
    }
}

#[test]
fn a_forbidden_stored_target_gives_way_to_the_environments() {
    for (stored, refusal) in [
        ("https://example.com/hook", UrlRefusal::Placeholder),
        ("https://127.0.0.1/", UrlRefusal::Placeholder),
        ("https://192.168.0.1/", UrlRefusal::ForbiddenAddress),
    ] {
        let stored = json!({"webhook_url": stored});
        let (config, reports) = load(&stored, &[("WEBHOOK_URL", "https://env.acme.fr/")]);
        assert_eq!((url(&config), config.target_refused), (Some("https://env.acme.fr/"), Some(refusal)));
        assert_eq!(found(&reports), [("webhook_url", "target_refused")]);
        let (config, _) = load(&stored, &[]);
        assert_eq!((url(&config), config.target_refused), (None, Some(refusal)));
    }
}

#[test]
fn the_environment_fills_the_sides_of_the_window_that_are_not_stored() {
    let env = [("WEBHOOKS_TIME_START", "9h00"), ("WEBHOOKS_TIME_END", "18h00")];
    let cases = [
        (json!({}), Some("9h00"), Some("18h00"), true),
        (json!({"webhook_time_start": "", "webhook_time_end": ""}), Some("9h00"), Some("18h00"), true),
        (json!({"webhook_time_start": "10:00"}), Some("10:00"), Some("18h00"), true),
        (json!({"webhook_time_end": "12:00", "webhook_time_start": null}), Some("9h00"), Some("12:00"), true),
        (json!({"webhook_time_end": "noon"}), Some("9h00"), Some("noon"), false),
    ];
    for (stored, start, end, constrains) in cases {
        let window = load(&stored, &env).0.window;
        let SendingWindow { start_text, end_text, window } = window;
        assert_eq!((start_text.as_deref(), end_text.as_deref()), (start, end), "{stored}");
        assert_eq!(window.is_some(), constrains, "{stored}");
    }
    let one_side = load(&json!({"webhook_time_end": "18h00"}), &[]).0.window;
    assert_eq!((one_side.end_text.as_deref(), one_side.window), (Some("18h00"), None));
}

#[test]
fn a_stored_window_that_never_opens_is_kept_and_reported() {
    let (config, reports) = load(&json!({"webhook_time_start": "9h00", "webhook_time_end": "09:00"}), &[]);
    assert!(config.window.window.is_some_and(|window| window.never_opens()));
    assert_eq!(found(&reports), [("webhook_time_end", "window_never_opens")]);
}

#[test]
fn the_pause_and_its_days() {
    let stored = json!({"absence_pause_enabled": true, "absence_pause_days": [" Friday", "monday", "MONDAY"]});
    let (config, reports) = load(&stored, &[]);
    assert_eq!(config.absence, Absence { enabled: true, days: vec![Weekday::Monday, Weekday::Friday] });
    assert_eq!(reports, []);
}

#[test]
fn targets_of_the_predecessor_are_reported_and_not_used() {
    let stored =
        json!({"recadrage_webhook_url": "https://a.acme.fr/", "autorepondeur_webhook_url": "tok@hook.eu2.make.com"});
    let (config, reports) = load(&stored, &[]);
    assert_eq!(config.target, None);
    let expected = [("recadrage_webhook_url", "legacy_target"), ("autorepondeur_webhook_url", "legacy_target")];
    assert_eq!(found(&reports), expected);
    assert_eq!(load(&json!({"recadrage_webhook_url": "", "autorepondeur_webhook_url": null}), &[]).1, []);
}
