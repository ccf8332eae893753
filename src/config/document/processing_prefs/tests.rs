use super::*;
use crate::config::testing::{check, found, patch, refusal};
use serde_json::json;

const KEY: DocumentKey = DocumentKey::ProcessingPrefs;

fn load(stored: &Value) -> (ProcessingPrefs, Vec<Report>) {
    let mut reports = Vec::new();
    let prefs = ProcessingPrefs::load(Some(stored), &mut reports);
    (prefs, reports)
}

fn defaults() -> ProcessingPrefs {
    ProcessingPrefs {
        exclusions: Exclusions::default(),
        require_attachments: false,
        max_email_size_mb: None,
        sender_priority: BTreeMap::new(),
        schedule: Schedule::default(),
        timeout: None,
        rate_limit_per_hour: None,
        notify_on_failure: false,
        mirror_media_to_custom: true,
    }
}

#[test]
fn nothing_stored_gives_every_default() {
    let mut reports = Vec::new();
    assert_eq!(ProcessingPrefs::load(None, &mut reports), defaults());
    assert_eq!(load(&json!({})), (defaults(), vec![]));
    assert_eq!(reports, []);
}

#[test]
fn everything_stored_is_read() {
    let stored = json!({"exclude_keywords": [" Pub ", " "], "exclude_keywords_recadrage": ["r"],
        "exclude_keywords_autorepondeur": ["a"], "require_attachments": true, "max_email_size_mb": "12",
        "sender_priority": {" A@B.fr": "HIGH", "c@d.fr": " medium", "e@f.fr": "low"}, "retry_count": 3,
        "retry_delay_sec": 60, "webhook_timeout_sec": 20.9, "rate_limit_per_hour": 100, "notify_on_failure": true,
        "mirror_media_to_custom": false, "anything": "else"});
    let (prefs, reports) = load(&stored);
    assert_eq!(reports, []);
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let exclusions = Exclusions { all: words(&["Pub"]), recadrage: words(&["r"]), desabo: words(&["a"]) };
    assert_eq!(prefs.exclusions, exclusions);
    let priorities = [("a@b.fr", Priority::High), ("c@d.fr", Priority::Normal), ("e@f.fr", Priority::Low)];
    assert_eq!(prefs.sender_priority, priorities.map(|(sender, level)| (sender.to_owned(), level)).into());
    assert_eq!(prefs.schedule, Schedule::chosen(Some(3), Some(Duration::from_mins(1))));
    assert_eq!((prefs.max_email_size_mb, prefs.timeout), (Some(12), Some(Duration::from_secs(20))));
    assert_eq!(prefs.rate_limit_per_hour, Some(100));
    assert!(prefs.require_attachments && prefs.notify_on_failure && !prefs.mirror_media_to_custom);
}

/// Decision 16.
#[test]
fn the_predecessors_defaults_were_never_chosen() {
    let stored = json!({"retry_count": 0, "retry_delay_sec": 2, "webhook_timeout_sec": 30, "rate_limit_per_hour": 5});
    let (prefs, reports) = load(&stored);
    assert_eq!(prefs, defaults());
    let fields: Vec<_> = UNCHOSEN.iter().map(|(name, _)| (*name, "predecessor_default")).collect();
    assert_eq!(found(&reports), fields);
    let mut ours = stored;
    ours["version"] = json!(1);
    let (prefs, reports) = load(&ours);
    assert_eq!(prefs.schedule, Schedule::chosen(Some(0), Some(Duration::from_secs(2))));
    assert_eq!((prefs.timeout, prefs.rate_limit_per_hour), (Some(Duration::from_secs(30)), Some(5)));
    assert_eq!(reports, []);
}

#[test]
fn a_partial_change_does_not_turn_them_into_choices() {
    let stored = json!({"retry_count": 0, "retry_delay_sec": 2, "webhook_timeout_sec": 60, "rate_limit_per_hour": 5});
    let changed = patch(KEY, &stored, &json!({"rate_limit_per_hour": 5})).unwrap();
    assert_eq!(changed, json!({"webhook_timeout_sec": 60, "rate_limit_per_hour": 5}));
    let ours = json!({"retry_count": 0, "version": 1});
    assert_eq!(patch(KEY, &ours, &json!({})).unwrap(), json!({"retry_count": 0}));
}

#[test]
fn zero_means_no_limit_and_no_timeout_of_ones_own() {
    let (prefs, reports) = load(&json!({"rate_limit_per_hour": 0, "webhook_timeout_sec": 0, "version": 1}));
    assert_eq!((prefs.rate_limit_per_hour, prefs.timeout, reports), (None, None, vec![]));
}

#[test]
fn each_bad_field_falls_back_and_is_reported() {
    let long = "x".repeat(201);
    let cases = [
        (json!({"exclude_keywords": "pub"}), "exclude_keywords", "invalid_field"),
        (json!({"exclude_keywords": [1]}), "exclude_keywords", "invalid_items"),
        (json!({"exclude_keywords_recadrage": [long]}), "exclude_keywords_recadrage", "invalid_items"),
        (json!({"exclude_keywords_autorepondeur": {}}), "exclude_keywords_autorepondeur", "invalid_field"),
        (json!({"require_attachments": "no"}), "require_attachments", "invalid_field"),
        (json!({"max_email_size_mb": 0}), "max_email_size_mb", "invalid_field"),
        (json!({"max_email_size_mb": 1e300}), "max_email_size_mb", "invalid_field"),
        (json!({"sender_priority": []}), "sender_priority", "invalid_field"),
        (json!({"sender_priority": {"a@b.fr": "urgent"}}), "sender_priority", "invalid_items"),
        (json!({"retry_count": 11}), "retry_count", "invalid_field"),
        (json!({"retry_count": true}), "retry_count", "invalid_field"),
        (json!({"retry_delay_sec": -1}), "retry_delay_sec", "invalid_field"),
        (json!({"webhook_timeout_sec": 301}), "webhook_timeout_sec", "invalid_field"),
        (json!({"rate_limit_per_hour": "many"}), "rate_limit_per_hour", "invalid_field"),
        (json!({"notify_on_failure": 1}), "notify_on_failure", "invalid_field"),
        (json!({"mirror_media_to_custom": 1}), "mirror_media_to_custom", "invalid_field"),
    ];
    for (stored, field, code) in cases {
        let (prefs, reports) = load(&stored);
        assert_eq!((prefs, found(&reports)), (defaults(), vec![(field, code)]), "{stored}");
    }
}

#[test]
fn at_most_500_keywords_are_used() {
    let (prefs, reports) = load(&json!({"exclude_keywords": vec!["x"; 501]}));
    assert_eq!(prefs.exclusions.all.len(), 500);
    assert_eq!(found(&reports), [("exclude_keywords", "invalid_items")]);
}

#[test]
fn saving_refuses_with_the_predecessors_messages() {
    let list = |name: &str| format!("{name} doit être une liste de chaînes");
    let boolean = |name: &str| format!("{name} doit être un booléen (true ou false).");
    let cases = [
        (json!({"exclude_keywords": "x"}), list("exclude_keywords")),
        (json!({"exclude_keywords": ["x", 1]}), list("exclude_keywords")),
        (json!({"exclude_keywords_recadrage": null}), list("exclude_keywords_recadrage")),
        (json!({"exclude_keywords_autorepondeur": [null]}), list("exclude_keywords_autorepondeur")),
        (json!({"require_attachments": "true"}), boolean("require_attachments")),
        (json!({"notify_on_failure": 0}), boolean("notify_on_failure")),
        (json!({"max_email_size_mb": 0}), "max_email_size_mb doit être > 0 ou null".to_owned()),
        (json!({"max_email_size_mb": -3}), "max_email_size_mb doit être > 0 ou null".to_owned()),
        (json!({"sender_priority": "x"}), "sender_priority doit être un objet {email: niveau}".to_owned()),
        (json!({"sender_priority": {"a": 1}}), "sender_priority: clés et valeurs doivent être des chaînes".to_owned()),
        (json!({"sender_priority": {"a": "urgent"}}), "sender_priority: niveau invalide (high|medium|low)".to_owned()),
        (json!({"retry_count": 11}), "retry_count hors limites (0..10)".to_owned()),
        (json!({"retry_count": -1}), "retry_count hors limites (0..10)".to_owned()),
        (json!({"retry_delay_sec": 601}), "retry_delay_sec hors limites (0..600)".to_owned()),
        (json!({"webhook_timeout_sec": 0}), "webhook_timeout_sec hors limites (1..300)".to_owned()),
        (json!({"rate_limit_per_hour": 100_001}), "rate_limit_per_hour hors limites (0..100000)".to_owned()),
        (json!({"retry_count": "abc"}), "Validation error: invalid literal for int() with base 10: 'abc'".to_owned()),
        (json!({"retry_count": [1]}), "Validation error: retry_count must be a whole number".to_owned()),
        (json!({"retry_count": true}), "Validation error: retry_count must be a whole number".to_owned()),
        (
            json!({"exclude_keywords": vec!["x"; 501]}),
            "exclude_keywords: 500 mots-clés de 200 caractères au plus".to_owned(),
        ),
    ];
    for (submitted, message) in cases {
        assert_eq!(refusal(check(KEY, &submitted)), ("invalid_field", message), "{submitted}");
    }
}

#[test]
fn the_first_mistake_in_the_predecessors_order_is_told() {
    let submitted = json!({"rate_limit_per_hour": -1, "exclude_keywords": 1, "exclude_keywords_autorepondeur": 1});
    assert!(refusal(check(KEY, &submitted)).1.starts_with("exclude_keywords_autorepondeur"));
}

#[test]
fn saving_normalises() {
    let submitted = json!({"exclude_keywords": [" Pub ", "", "  "], "max_email_size_mb": 2.9, "retry_count": " 3 ",
        "sender_priority": {" A@B.fr ": " HIGH"}, "webhook_timeout_sec": null});
    let saved = json!({"exclude_keywords": ["Pub"], "max_email_size_mb": 2, "retry_count": 3,
        "sender_priority": {"a@b.fr": "high"}, "webhook_timeout_sec": null});
    assert_eq!(check(KEY, &submitted).unwrap(), saved);
    assert_eq!(load(&saved).0.timeout, None);
}

#[test]
fn mirroring_is_not_settable() {
    let stored = json!({"mirror_media_to_custom": true});
    assert_eq!(patch(KEY, &stored, &json!({"mirror_media_to_custom": false})).unwrap(), stored);
}
