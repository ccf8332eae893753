use super::*;
use crate::calendar::{Timestamp, Weekday};
use crate::config::testing::{found, settings};
use proptest::prelude::*;
use serde_json::json;

fn build(pairs: &[(&str, &str)], documents: &[(DocumentKey, Value)]) -> (Snapshot, Vec<Report>) {
    Snapshot::build(&settings(pairs), &documents.iter().cloned().collect(), 7)
}

#[test]
fn threads_can_share_it() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    shared(&build(&[], &[]).0);
}

#[test]
fn nothing_set_and_nothing_stored() {
    let (snapshot, reports) = build(&[], &[]);
    assert_eq!((snapshot.version, reports), (7, vec![]));
    let Intake { gmail_enabled, dedup_disabled, subject_groups, allowlist, exclusions, .. } = &snapshot.intake;
    assert!(*gmail_enabled && !dedup_disabled && subject_groups.is_none() && allowlist.is_empty());
    assert_eq!(*exclusions, Exclusions::default());
    assert_eq!((snapshot.intake.require_attachments, snapshot.intake.max_email_size_mb), (false, None));
    assert_eq!(snapshot.hours.zone, Zone::default());
    assert_eq!((snapshot.hours.window, snapshot.hours.absence), (SendingWindow::default(), Absence::default()));
    let sending = &snapshot.sending;
    assert!(sending.enabled && sending.fallback_on_415 && !sending.allow_without_links);
    assert_eq!((&sending.default_target, sending.default_target_refused), (&None, None));
    assert_eq!((sending.mode, sending.tls, sending.timeout), (Mode::Json, Tls::Verified, DEFAULT_TIMEOUT));
    assert_eq!((sending.schedule, sending.rate_limit_per_hour), (Schedule::default(), None));
    assert_eq!(sending.priority_of("a@b.fr"), Priority::Normal);
    assert!(snapshot.rules.set.rules.is_empty());
    assert_eq!(snapshot.detectors, Detectors::default());
}

#[test]
fn everything_stored_reaches_its_place() {
    let env = [("WEBHOOK_SECRET", "s"), ("GMAIL_SENDER_ALLOWLIST", "a@b.fr"), ("ENABLE_SUBJECT_GROUP_DEDUP", "1")];
    let documents = [
        (
            DocumentKey::WebhookConfig,
            json!({"webhook_url": "https://a.acme.fr/", "webhook_sending_enabled": false,
                "webhook_delivery_mode": "form", "webhook_fallback_on_415": false, "webhook_ssl_verify": false,
                "webhook_time_start": "22h00", "webhook_time_end": "02:00", "absence_pause_enabled": true,
                "absence_pause_days": ["sunday"]}),
        ),
        (
            DocumentKey::ProcessingPrefs,
            json!({"version": 1, "exclude_keywords": ["pub"], "require_attachments": true, "max_email_size_mb": 5,
                "sender_priority": {"a@b.fr": "high"}, "retry_count": 1, "retry_delay_sec": 9,
                "webhook_timeout_sec": 20, "rate_limit_per_hour": 12}),
        ),
        (
            DocumentKey::RuntimeFlags,
            json!({"gmail_ingress_enabled": false, "disable_email_id_dedup": true,
                "allow_custom_webhook_without_links": true}),
        ),
        (
            DocumentKey::RoutingRules,
            json!({"rules": [{"conditions": [{"field": "subject", "operator": "contains", "value": "lot"}],
                "actions": {"webhook_url": "https://r.acme.fr/"}}]}),
        ),
        (DocumentKey::Detectors, json!({"desabo": {"target": "https://d.acme.fr/"}})),
    ];
    let (snapshot, reports) = build(&env, &documents);
    assert_eq!(reports, []);
    let Intake { gmail_enabled, dedup_disabled, require_attachments, max_email_size_mb, .. } = snapshot.intake;
    assert!(!gmail_enabled && dedup_disabled && require_attachments);
    assert_eq!((max_email_size_mb, snapshot.intake.exclusions.all), (Some(5), vec!["pub".to_owned()]));
    assert!(!snapshot.intake.allowlist.admits("x@y.fr") && snapshot.intake.subject_groups.is_some());
    assert_eq!(snapshot.hours.window.start_text.as_deref(), Some("22h00"));
    assert!(snapshot.hours.window.window.is_some_and(|window| window.start().hour() == 22));
    assert_eq!(snapshot.hours.absence, Absence { enabled: true, days: vec![Weekday::Sunday] });
    let sending = &snapshot.sending;
    assert!(!sending.enabled && !sending.fallback_on_415 && sending.allow_without_links);
    assert_eq!(sending.default_target.as_ref().map(TargetUrl::as_str), Some("https://a.acme.fr/"));
    assert_eq!((sending.mode, sending.tls, sending.secrets.len()), (Mode::Form, Tls::Unverified, 1));
    assert_eq!(sending.schedule, Schedule::chosen(Some(1), Some(Duration::from_secs(9))));
    assert_eq!((sending.timeout, sending.rate_limit_per_hour), (Duration::from_secs(20), Some(12)));
    assert_eq!(sending.priority_of("a@b.fr"), Priority::High);
    assert_eq!(snapshot.rules.set.rules.len(), 1);
    assert!(snapshot.detectors.desabo_target.is_some());
}

#[test]
fn a_refused_target_gives_no_target_and_a_report() {
    let placeholder = [(DocumentKey::WebhookConfig, json!({"webhook_url": "https://example.com/hook"}))];
    let (snapshot, reports) = build(&[], &placeholder);
    assert_eq!(snapshot.sending.default_target, None);
    assert_eq!(snapshot.sending.default_target_refused, Some(UrlRefusal::Placeholder));
    assert_eq!(found(&reports), [("webhook_url", "target_refused")]);
    let (snapshot, _) = build(&[("WEBHOOK_URL", "https://env.acme.fr/")], &placeholder);
    assert_eq!(snapshot.sending.default_target.as_ref().map(TargetUrl::as_str), Some("https://env.acme.fr/"));
}

#[test]
fn documents_of_other_shapes_hold_their_defaults() {
    let documents = DocumentKey::ALL.map(|key| (key, json!("nonsense")));
    let (snapshot, reports) = build(&[], &documents);
    assert_eq!(reports.len(), 5);
    assert!(snapshot.sending.enabled && snapshot.intake.gmail_enabled);
}

#[test]
fn reports_never_show_the_path_of_a_url() {
    let token = "https://10.0.0.1/t0ken";
    let rule = json!({"conditions": [{"field": "subject", "operator": "contains", "value": "lot"}],
        "actions": {"webhook_url": token}});
    let (_, reports) = build(
        &[],
        &[
            (DocumentKey::WebhookConfig, json!({"webhook_url": token, "recadrage_webhook_url": token})),
            (DocumentKey::Detectors, json!({"recadrage": {"target": token}, "desabo": {"target": token}})),
            (DocumentKey::RoutingRules, json!({"rules": [rule]})),
        ],
    );
    assert_eq!(reports.len(), 5);
    assert!(reports.iter().all(|report| !report.message.contains("t0ken")), "{reports:?}");
}

/// Any JSON, with the known field names likely, so that the readers see every type in every place.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3_i64..400).prop_map(Value::from),
        any_text().prop_map(Value::from),
        known_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let name = prop_oneof![4 => known_name().prop_map(str::to_owned), 1 => any_text()];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(name, inner, 0..12)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Mostly an object, as documents are.
fn any_document() -> impl Strategy<Value = Value> {
    let fields = proptest::collection::hash_map(known_name().prop_map(str::to_owned), any_json(), 0..10);
    prop_oneof![1 => any_json(), 4 => fields.prop_map(|fields| Value::Object(fields.into_iter().collect()))]
}

fn known_name() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "webhook_url",
        "webhook_ssl_verify",
        "webhook_sending_enabled",
        "webhook_delivery_mode",
        "webhook_fallback_on_415",
        "webhook_time_start",
        "webhook_time_end",
        "absence_pause_enabled",
        "absence_pause_days",
        "recadrage_webhook_url",
        "exclude_keywords",
        "exclude_keywords_recadrage",
        "require_attachments",
        "max_email_size_mb",
        "sender_priority",
        "retry_count",
        "retry_delay_sec",
        "webhook_timeout_sec",
        "rate_limit_per_hour",
        "notify_on_failure",
        "gmail_ingress_enabled",
        "disable_email_id_dedup",
        "rules",
        "id",
        "name",
        "enabled",
        "conditions",
        "match",
        "field",
        "operator",
        "value",
        "actions",
        "priority",
        "recadrage",
        "desabo",
        "target",
        "outside_window",
        "version",
    ])
}

fn any_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..10).prop_map(|letters| letters.into_iter().collect())
}

fn known_text() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "9h00",
        "09:00",
        "24h00",
        "monday",
        "json",
        "form",
        "https://a.acme.fr/x",
        "https://127.0.0.1/",
        "token",
        "high",
        "hold",
        "subject",
        "body",
        "contains",
        "regex",
        "glob",
        "(",
        "(?i)a+",
        "12",
        " ",
        "é",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    /// Whatever is stored, there is a snapshot, every part of it answers, and what is sent goes to an admitted URL.
    #[test]
    fn any_stored_json_gives_a_usable_snapshot(
        values in proptest::collection::vec(any_document(), 5),
        millis in any::<i64>(),
    ) {
        let documents = DocumentKey::ALL.into_iter().zip(values).collect();
        let settings = settings(&[]);
        let (snapshot, _) = Snapshot::build(&settings, &documents, 1);
        let (hours, sending) = (&snapshot.hours, &snapshot.sending);
        let at = Timestamp::from_millis(millis);
        hours.absence.covers(at, &hours.zone);
        hours.window.window.map(|window| window.position(at, &hours.zone));
        prop_assert_eq!(hours.window.window.is_some_and(|_| hours.window.end_text.is_none()), false);
        prop_assert!(sending.timeout >= Duration::from_secs(1) && sending.timeout <= Duration::from_mins(5));
        prop_assert!(sending.rate_limit_per_hour != Some(0));
        prop_assert!(snapshot.intake.exclusions.all.iter().all(|word| !word.trim().is_empty()));
        for target in [&sending.default_target, &snapshot.detectors.recadrage_target].into_iter().flatten() {
            prop_assert!(TargetUrl::parse(target.as_str(), &sending.url_policy).is_ok());
        }
    }

    /// What the strict reader saves, the lenient reader takes without a word.
    #[test]
    fn what_is_saved_is_loaded_without_reports(value in any_document(), stored in any_document()) {
        let settings = settings(&[]);
        for key in DocumentKey::ALL {
            let policy = &settings.sending.url_policy;
            let Ok(saved) = key.patch(&json!({}), &value, policy) else { continue };
            let saved = saved.stamped(Timestamp::from_millis(0));
            let (_, reports) = Snapshot::build(&settings, &BTreeMap::from([(key, saved)]), 1);
            prop_assert_eq!(reports, vec![]);
            let _ = key.patch(&stored, &value, policy);
        }
    }
}
