use super::*;
use crate::rules::{Condition, Destination, Field, Group, Matching, Node, Operator, Priority};
use proptest::prelude::*;
use serde_json::json;

/// Every https URL may be called.
const ANY_URL: UrlCheck<'static> = &|url| if url.starts_with("https://") { Ok(()) } else { Err("refusée".to_owned()) };

fn check(value: &Value) -> Result<RuleSet, RuleError> {
    parse(value, &Bounds::default(), ANY_URL)
}

fn flat() -> Value {
    json!({
        "id": "invoices-x", "name": "Invoices client X",
        "conditions": [{"field": "sender", "operator": "contains", "value": "@clientx.example", "case_sensitive": false}],
        "actions": {"webhook_url": "https://hooks.example.net/x", "priority": "high", "stop_processing": true}
    })
}

/// The flat rule with one value changed; null at the end of a path removes the key.
fn with(pointer: &str, value: Value) -> Value {
    let mut rule = flat();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = rule.pointer_mut(parent).unwrap();
    match parent {
        Value::Object(object) if value.is_null() => drop(object.remove(key)),
        Value::Object(object) => drop(object.insert(key.to_owned(), value)),
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        _ => unreachable!("{pointer}"),
    }
    json!([rule])
}

fn condition(condition: Value) -> Value {
    with("/conditions/0", condition)
}

#[test]
fn every_fault_the_predecessor_knew_has_its_message() {
    let long = "a".repeat(201);
    for (value, code, message) in [
        (json!({"rules": {}}), "rules_not_a_list", "rules doit être une liste."),
        (json!({}), "rules_not_a_list", "rules doit être une liste."),
        (json!(null), "rules_not_a_list", "rules doit être une liste."),
        (json!(["x"]), "rule_not_an_object", "Chaque règle doit être un objet."),
        (with("/name", json!("  ")), "rule_without_name", "Chaque règle doit avoir un nom."),
        (
            with("/conditions", json!([])),
            "rule_without_conditions",
            "Chaque règle doit contenir au moins une condition.",
        ),
        (
            with("/conditions", json!("x")),
            "rule_without_conditions",
            "Chaque règle doit contenir au moins une condition.",
        ),
        (
            with("/conditions", json!(null)),
            "rule_without_conditions",
            "Chaque règle doit contenir au moins une condition.",
        ),
        (condition(json!("x")), "condition_not_an_object", "Condition invalide (objet attendu)."),
        (with("/conditions/0/field", json!("from")), "unknown_field", "Champ de condition invalide."),
        (with("/conditions/0/field", json!(null)), "unknown_field", "Champ de condition invalide."),
        (with("/conditions/0/operator", json!("like")), "unknown_operator", "Opérateur de condition invalide."),
        (with("/conditions/0/operator", json!(7)), "unknown_operator", "Opérateur de condition invalide."),
        (with("/conditions/0/value", json!("  ")), "value_required", "Valeur de condition requise."),
        (with("/conditions/0/value", json!(null)), "value_required", "Valeur de condition requise."),
        (with("/conditions/0/value", json!(0)), "value_required", "Valeur de condition requise."),
        (
            condition(json!({"field": "body", "operator": "regex", "value": long})),
            "pattern_too_long",
            "Expression régulière trop longue (max 200 caractères).",
        ),
        (
            condition(json!({"field": "body", "operator": "regex", "value": "("})),
            "pattern_invalid",
            "Expression régulière invalide.",
        ),
        (with("/actions", json!("x")), "actions_not_an_object", "Actions invalides (objet attendu)."),
        (with("/actions", json!(null)), "actions_not_an_object", "Actions invalides (objet attendu)."),
        (
            with("/actions/webhook_url", json!(null)),
            "webhook_url_required",
            "webhook_url est requis pour chaque règle.",
        ),
        (with("/actions/webhook_url", json!(" ")), "webhook_url_required", "webhook_url est requis pour chaque règle."),
        (with("/actions/webhook_url", json!(7)), "webhook_url_required", "webhook_url est requis pour chaque règle."),
        (
            with("/actions/webhook_url", json!("http://hooks.example.net/x")),
            "webhook_url_not_https",
            "webhook_url doit être une URL HTTPS valide.",
        ),
        (
            with("/actions/webhook_url", json!("a b")),
            "webhook_url_not_https",
            "webhook_url doit être une URL HTTPS valide.",
        ),
        (
            with("/actions/webhook_url", json!("https://")),
            "webhook_url_not_https",
            "webhook_url doit être une URL HTTPS valide.",
        ),
        (with("/actions/priority", json!("urgent")), "priority_invalid", "priority invalide (normal|high)."),
    ] {
        let error = check(&value).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (code, message), "{value}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row a fault")]
fn our_own_faults_name_the_rule_and_the_condition() {
    let nested = |depth: usize| {
        let leaf = json!({"field": "subject", "operator": "contains", "value": "x"});
        (0..depth).fold(leaf, |inner, _| json!({"match": "any", "conditions": [inner]}))
    };
    let number =
        |operator: &str, value: Value| condition(json!({"field": "links.count", "operator": operator, "value": value}));
    for (value, code, message) in [
        (
            with("/conditions/0/case_sensitive", json!("false")),
            "not_a_boolean",
            "Règle 1 (« Invoices client X »), condition 1 : case_sensitive doit être true ou false (reçu \"false\").",
        ),
        (
            with("/actions/stop_processing", json!(1)),
            "not_a_boolean",
            "Règle 1 (« Invoices client X ») : stop_processing doit être true ou false (reçu 1).",
        ),
        (
            with("/enabled", json!("yes")),
            "not_a_boolean",
            "Règle 1 (« Invoices client X ») : enabled doit être true ou false (reçu \"yes\").",
        ),
        (
            condition(nested(4)),
            "groups_too_deep",
            "Règle 1 (« Invoices client X »), condition 1 : groupes trop imbriqués (max 3 niveaux).",
        ),
        (
            condition(json!({"match": "some", "conditions": [nested(0)]})),
            "group_invalid",
            "Règle 1 (« Invoices client X »), condition 1 : groupe invalide : match doit être all, any ou none.",
        ),
        (
            condition(json!({"match": "any", "conditions": []})),
            "group_empty",
            "Règle 1 (« Invoices client X »), condition 1 : un groupe doit contenir au moins une condition.",
        ),
        (
            number("contains", json!("3")),
            "operator_unfit",
            "Règle 1 (« Invoices client X »), condition 1 : l'opérateur contains ne s'applique pas à links.count.",
        ),
        (
            with("/conditions/0/operator", json!("greater")),
            "operator_unfit",
            "Règle 1 (« Invoices client X »), condition 1 : l'opérateur greater ne s'applique pas à sender.",
        ),
        (
            number("greater", json!("many")),
            "value_invalid",
            "Règle 1 (« Invoices client X »), condition 1 : links.count attend un nombre entier.",
        ),
        (
            number("between", json!([5, 2])),
            "value_invalid",
            "Règle 1 (« Invoices client X »), condition 1 : between attend deux nombres dans l'ordre croissant (reçu 5 et 2).",
        ),
        (
            condition(json!({"field": "received.hour", "operator": "less", "value": 24})),
            "value_invalid",
            "Règle 1 (« Invoices client X »), condition 1 : received.hour attend un nombre entier entre 0 et 23.",
        ),
        (
            condition(json!({"field": "received.weekday", "operator": "equals", "value": "lundi"})),
            "value_invalid",
            "Règle 1 (« Invoices client X »), condition 1 : received.weekday attend un jour en anglais (monday, tuesday, …).",
        ),
        (
            condition(json!({"field": "to", "operator": "in", "value": "a@b.fr"})),
            "value_invalid",
            "Règle 1 (« Invoices client X »), condition 1 : in attend une liste de valeurs.",
        ),
        (
            with("/conditions/0/value", json!("x".repeat(2001))),
            "value_too_long",
            "Règle 1 (« Invoices client X »), condition 1 : valeur trop longue (max 2000 caractères).",
        ),
        (
            with("/actions/target", json!("crm")),
            "two_destinations",
            "Règle 1 (« Invoices client X ») : donner soit webhook_url, soit target, mais pas les deux.",
        ),
        (
            with("/actions/hold_hours", json!(0)),
            "hold_hours_invalid",
            "Règle 1 (« Invoices client X ») : hold_hours attend un nombre d'heures entier entre 1 et 720.",
        ),
        (
            condition(json!({"field": "body", "operator": "regex", "value": "(?=x)y"})),
            "pattern_unsupported",
            "Expression régulière invalide (assertions avant/arrière et références arrière non prises en charge).",
        ),
        (
            condition(json!({"field": "body", "operator": "regex", "value": r"\w{900}{9}"})),
            "pattern_too_large",
            "Expression régulière invalide (trop volumineuse une fois compilée).",
        ),
        (json!(vec![flat(); 201]), "too_many_rules", "Trop de règles : 201 (max 200)."),
        (
            with("/conditions", json!(vec![nested(1); 51])),
            "too_many_conditions",
            "Règle 1 (« Invoices client X »), condition 51 : trop de conditions (max 50 par règle).",
        ),
    ] {
        let error = check(&value).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (code, message));
    }
}

#[test]
fn an_error_says_where() {
    let mut bad = flat();
    bad["conditions"] = json!([
        {"field": "subject", "operator": "contains", "value": "x"},
        {"match": "any", "conditions": [
            {"field": "subject", "operator": "contains", "value": "x"},
            {"field": "nowhere", "operator": "contains", "value": "x"},
        ]},
    ]);
    let error = check(&json!([flat(), bad])).unwrap_err();
    assert_eq!((error.rule, error.condition), (Some(1), Some(2)));
}

#[test]
fn urls_are_made_whole_and_asked_about() {
    let refuse = |url: &str| if url.contains("127.0.0.1") { Err("adresse interdite.".to_owned()) } else { Ok(()) };
    let read = |url: &str| parse(&with("/actions/webhook_url", json!(url)), &Bounds::default(), &refuse);
    for (given, url) in [
        (" https://hooks.example.net/x ", "https://hooks.example.net/x"),
        ("tok@hook.eu2.make.com", "https://hook.eu2.make.com/tok"),
        ("tok", "https://hook.eu2.make.com/tok"),
    ] {
        assert_eq!(read(given).unwrap().rules[0].actions.destination, Destination::Url(url.to_owned()));
    }
    let error = read("https://127.0.0.1/").unwrap_err();
    assert_eq!(error.code, "webhook_url_refused");
    assert_eq!(error.message, "Règle 1 (« Invoices client X ») : adresse interdite.");
}

#[test]
fn missing_and_double_ids_and_missing_names_are_made_up() {
    let named = |id: Value, name: Value| {
        let mut rule = flat();
        rule["id"] = id;
        rule["name"] = name;
        rule
    };
    let list = json!([
        named(json!("a"), json!("A")),
        named(json!(null), json!(null)),
        named(json!("  "), json!("")),
        named(json!("a"), json!(" B ")),
        named(json!(5), json!(0)),
        named(json!("a-7"), json!("C")),
        named(json!("a"), json!("D")),
    ]);
    let set = check(&list).unwrap();
    let seen: Vec<_> = set.rules.iter().map(|rule| (rule.id.as_str(), rule.name.as_str())).collect();
    let expected = [
        ("a", "A"),
        ("rule-2", "Rule 2"),
        ("rule-3", "Rule 3"),
        ("a-4", "B"),
        ("5", "Rule 5"),
        ("a-7", "C"),
        ("a-7-7", "D"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn defaults_and_spellings() {
    let set = check(&json!({"rules": [{
        "conditions": [
            {"field": " Subject ", "operator": "CONTAINS", "value": " 42 ", "case_sensitive": null},
            {"match": "None", "conditions": [{"field": "received.hour", "operator": "between", "value": ["22", 6]}]},
            {"field": "size", "operator": "exists"},
        ],
        "actions": {"target": " crm ", "priority": " LOW ", "colour": "blue"},
    }]}))
    .unwrap();
    let rule = &set.rules[0];
    assert!(rule.enabled && !rule.actions.stop_processing && !rule.actions.hold);
    assert_eq!(rule.actions.priority, Priority::Low);
    assert_eq!(rule.actions.destination, Destination::Target("crm".to_owned()));
    let leaf = |field, operator| {
        Node::Condition(Condition { field, operator, case_sensitive: false, accent_sensitive: true, negate: false })
    };
    let hours = leaf(Field::ReceivedHour, Operator::Between(22, 6));
    let expected = [
        leaf(Field::Subject, Operator::Contains("42".to_owned())),
        Node::Group(Group { matching: Matching::None, conditions: vec![hours] }),
        leaf(Field::Size, Operator::Exists),
    ];
    assert_eq!(rule.conditions, expected);
}

#[test]
fn a_flat_rule_is_written_as_it_was() {
    assert_eq!(serde_json::to_value(check(&json!([flat()])).unwrap()).unwrap(), json!([flat()]));
}

#[test]
fn one_bad_stored_rule_leaves_the_others() {
    let bad = json!({"id": "bad", "name": "Bad", "conditions": [], "actions": {}});
    let stored = parse_lenient(&json!({"rules": [flat(), bad, flat()]}), &Bounds::default(), ANY_URL);
    let ids: Vec<_> = stored.set.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["invoices-x", "invoices-x-3"]);
    assert_eq!(stored.broken.len(), 1);
    assert_eq!(stored.broken[0].error.rule, Some(1));
    assert_eq!(stored.broken[0].stored, bad);
    let unreadable = parse_lenient(&json!("x"), &Bounds::default(), ANY_URL);
    assert_eq!(unreadable.broken[0].error.code, "rules_not_a_list");
}

fn any_condition() -> impl Strategy<Value = Value> {
    let text = || "[a-zA-Zé@. ]{0,6}[a-z0-9]";
    let texts = proptest::sample::select(vec!["sender", "sender.name", "to", "subject", "header[x-id]", "provider"]);
    let compare = proptest::sample::select(vec!["contains", "equals", "starts_with", "ends_with", "glob", "regex"]);
    let bodies = proptest::sample::select(vec!["body", "body.text"]);
    let numbers = proptest::sample::select(vec!["links.count", "size", "received.hour"]);
    let ordered = proptest::sample::select(vec!["equals", "greater", "less"]);
    let plain = prop_oneof![
        (texts, compare, text()).prop_map(|(field, operator, value)| (field, operator, json!(value))),
        (bodies, Just("contains"), text()).prop_map(|(field, operator, value)| (field, operator, json!(value))),
        (Just("to"), Just("in"), proptest::collection::vec(text(), 1..4)).prop_map(|(f, o, v)| (f, o, json!(v))),
        (numbers, ordered, 0_u64..24).prop_map(|(field, operator, value)| (field, operator, json!(value))),
        (Just("size"), Just("between"), 0_u64..24).prop_map(|(f, o, low)| (f, o, json!([low, low + 5]))),
        (Just("received.hour"), Just("in"), 0_u64..24).prop_map(|(f, o, hour)| (f, o, json!([hour, 3]))),
        Just(("detector", "exists", json!(null))),
    ];
    (plain, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |((field, operator, value), case, accents, negate)| {
            json!({"field": field, "operator": operator, "value": value, "case_sensitive": case,
               "accent_sensitive": accents, "negate": negate})
        },
    )
}

fn any_node() -> impl Strategy<Value = Value> {
    any_condition().prop_recursive(3, 8, 3, |inner| {
        (proptest::sample::select(vec!["all", "any", "none"]), proptest::collection::vec(inner, 1..4))
            .prop_map(|(matching, conditions)| json!({"match": matching, "conditions": conditions}))
    })
}

fn any_rule() -> impl Strategy<Value = Value> {
    let priority = proptest::sample::select(vec!["high", "normal", "low"]);
    let hours = proptest::option::of(1_u16..=720);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let nodes = proptest::collection::vec(any_node(), 1..4);
    (nodes, priority, switches, hours, "[a-c]{0,1}").prop_map(
        |(nodes, priority, (enabled, stop, hold, url), hours, id)| {
            let mut actions = json!({"priority": priority, "stop_processing": stop, "hold": hold, "hold_hours": hours});
            let (key, to) = if url { ("webhook_url", "https://hooks.example.net/x") } else { ("target", "crm") };
            actions[key] = json!(to);
            json!({"id": id, "name": id, "enabled": enabled, "conditions": nodes, "actions": actions})
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back(rules in proptest::collection::vec(any_rule(), 0..5)) {
        let set = check(&json!(rules)).unwrap();
        let written = serde_json::to_value(&set).unwrap();
        prop_assert_eq!(check(&written).unwrap(), set);
    }
}
