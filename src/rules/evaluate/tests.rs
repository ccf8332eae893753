//! The evaluator by example, and against a naive one that folds, compiles and compares everything every time.

mod naive;

use crate::calendar::Weekday;
use crate::rules::{Bounds, Evaluation, Facts, Received, RuleSet, Sender, check, compile};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A mail that owns its parts.
#[derive(Debug, Clone)]
pub(in crate::rules) struct Mail {
    pub(in crate::rules) from: String,
    pub(in crate::rules) address: String,
    pub(in crate::rules) to: Vec<String>,
    pub(in crate::rules) subject: String,
    pub(in crate::rules) html: String,
    pub(in crate::rules) text: String,
    pub(in crate::rules) headers: Vec<(String, String)>,
    pub(in crate::rules) detector: Option<&'static str>,
    pub(in crate::rules) providers: Vec<&'static str>,
    pub(in crate::rules) links: usize,
    pub(in crate::rules) attachments: Vec<String>,
    pub(in crate::rules) size: Option<u64>,
    pub(in crate::rules) received: Received,
}

impl Mail {
    pub(in crate::rules) fn facts(&self) -> Facts<'_> {
        Facts {
            sender_raw: &self.from,
            sender: Sender {
                email: &self.address,
                domain: self.address.split('@').nth(1).unwrap_or_default(),
                name: self.from.split('<').next().unwrap_or_default().trim(),
            },
            to: &self.to,
            subject: &self.subject,
            body_raw: &self.html,
            body_text: &self.text,
            headers: &self.headers,
            detector: self.detector,
            providers: &self.providers,
            links_count: self.links,
            attachments: &self.attachments,
            size: self.size,
            received: self.received,
        }
    }
}

pub(in crate::rules) fn invoice() -> Mail {
    Mail {
        from: "Élodie <Elodie@Client.example>".to_owned(),
        address: "elodie@client.example".to_owned(),
        to: vec!["a@ours.example".to_owned(), "b@ours.example".to_owned()],
        subject: "Facture n°42 — Été".to_owned(),
        html: "<p>Votre <b>facture</b> du mois d&apos;ao&ucirc;t</p>".to_owned(),
        text: "Votre facture du mois d'août".to_owned(),
        headers: vec![("List-Id".to_owned(), "<news.client.example>".to_owned())],
        detector: Some("recadrage"),
        providers: vec!["dropbox", "fromsmash"],
        links: 3,
        attachments: vec!["Facture-42.PDF".to_owned()],
        size: Some(2_000),
        received: Received { hour: 23, weekday: Weekday::Sunday },
    }
}

pub(in crate::rules) fn rules(value: &Value) -> RuleSet {
    check::parse(value, &Bounds::default(), &|_| Ok(())).unwrap()
}

pub(in crate::rules) fn rule(id: &str, conditions: &Value) -> Value {
    json!({"id": id, "name": id, "conditions": conditions, "actions": {"target": "crm"}})
}

fn evaluate(value: &Value, mail: &Mail) -> Evaluation {
    compile(&rules(value)).evaluate(&mail.facts())
}

fn holds(condition: &Value, mail: &Mail) -> bool {
    !evaluate(&json!([rule("r", &json!([condition]))]), mail).matched.is_empty()
}

#[test]
fn every_field_and_operator() {
    for (field, operator, value, expected) in [
        ("sender", "contains", json!("élodie <"), true),
        ("sender", "equals", json!("ELODIE@client.example"), true),
        ("sender", "equals", json!("Élodie <elodie@client.example>"), true),
        ("sender", "equals", json!("client.example"), false),
        ("sender", "regex", json!(r"^(elodie@client\.example|x@y\.fr)$"), true),
        ("sender", "glob", json!("*@client.example"), true),
        ("sender.address", "ends_with", json!("@client.example"), true),
        ("sender.address", "contains", json!("élodie"), false),
        ("sender.domain", "equals", json!("client.example"), true),
        ("sender.name", "equals", json!("élodie"), true),
        ("to", "equals", json!("b@ours.example"), true),
        ("to", "in", json!(["x@ours.example", "B@ours.example"]), true),
        ("to", "in", json!(["x@ours.example"]), false),
        ("subject", "starts_with", json!("facture"), true),
        ("subject", "starts_with", json!("n°42"), false),
        ("subject", "contains", json!("ÉTÉ"), true),
        ("subject", "contains", json!("ete"), false),
        ("subject", "regex", json!(r"\bfacture n°\d+"), true),
        ("subject", "regex", json!(r"^n°"), false),
        ("body", "contains", json!("<b>facture"), true),
        ("body", "contains", json!("facture du mois d'août"), true),
        ("body.text", "contains", json!("<b>"), false),
        ("body.text", "contains", json!("AOÛT"), true),
        ("body.text", "regex", json!("mois.d'ao[uû]t$"), true),
        ("header[LIST-ID]", "contains", json!("news."), true),
        ("header[x-none]", "contains", json!("news."), false),
        ("header[list-id]", "exists", json!(null), true),
        ("header[x-none]", "exists", json!(null), false),
        ("detector", "equals", json!("recadrage"), true),
        ("detector", "equals", json!("none"), false),
        ("detector", "exists", json!(null), true),
        ("provider", "equals", json!("fromsmash"), true),
        ("provider", "equals", json!("swisstransfer"), false),
        ("links.count", "equals", json!(3), true),
        ("links.count", "greater", json!(3), false),
        ("links.count", "greater", json!("2"), true),
        ("links.count", "less", json!(4), true),
        ("links.count", "in", json!([1, 3]), true),
        ("links.count", "exists", json!(null), true),
        ("attachment.name", "glob", json!("facture-*.pdf"), true),
        ("attachment.name", "glob", json!("facture"), false),
        ("size", "between", json!([2000, 3000]), true),
        ("size", "between", json!([1000, 2000]), true),
        ("size", "between", json!([2001, 3000]), false),
        ("received.hour", "between", json!([22, 6]), true),
        ("received.hour", "between", json!([6, 22]), false),
        ("received.weekday", "in", json!(["saturday", "Sunday"]), true),
        ("received.weekday", "equals", json!("monday"), false),
    ] {
        let condition = json!({"field": field, "operator": operator, "value": value});
        assert_eq!(holds(&condition, &invoice()), expected, "{condition}");
        let negated = json!({"field": field, "operator": operator, "value": value, "negate": true});
        assert_eq!(holds(&negated, &invoice()), !expected, "{negated}");
    }
}

#[test]
fn case_and_accents() {
    let subject = |operator: &str, value: &str, case: bool, accents: bool| {
        let condition = json!({"field": "subject", "operator": operator, "value": value,
                               "case_sensitive": case, "accent_sensitive": accents});
        holds(&condition, &invoice())
    };
    for (operator, value, case, accents, expected) in [
        ("contains", "été", false, true, true),
        ("contains", "été", true, true, false),
        ("contains", "ete", false, true, false),
        ("contains", "ete", false, false, true),
        ("contains", "ete", true, false, false),
        ("contains", "Ete", true, false, true),
        ("contains", "Ête", false, false, true),
        ("regex", "É.é", true, true, true),
        ("regex", "é.é", true, true, false),
        ("regex", "é.é", false, true, true),
        ("regex", "e[t]e", false, false, true),
        ("regex", "é[t]ê", false, false, true),
        ("glob", "facture*ete", false, false, true),
        ("glob", "facture*ete", true, false, false),
    ] {
        assert_eq!(subject(operator, value, case, accents), expected, "{operator} {value} {case} {accents}");
    }
}

#[test]
fn a_list_is_searched_whole_in_whatever_order_it_is() {
    let names = ["Zoé", "béa", "Ève", "ana", "Éva", "cid"];
    for name in names {
        let mail = Mail { subject: name.to_uppercase(), ..invoice() };
        assert!(holds(&json!({"field": "subject", "operator": "in", "value": names}), &mail), "{name}");
    }
}

#[test]
fn what_the_intake_does_not_know_meets_nothing() {
    let unknown = Mail { to: vec![], attachments: vec![], headers: vec![], size: None, detector: None, ..invoice() };
    for (field, operator, value) in [
        ("to", "contains", json!("a")),
        ("attachment.name", "regex", json!(".*")),
        ("header[x]", "exists", json!(null)),
        ("size", "less", json!(10)),
        ("size", "exists", json!(null)),
        ("detector", "exists", json!(null)),
    ] {
        assert!(!holds(&json!({"field": field, "operator": operator, "value": value}), &unknown), "{field}");
        assert!(holds(&json!({"field": field, "operator": operator, "value": value, "negate": true}), &unknown));
    }
    assert!(holds(&json!({"field": "detector", "operator": "equals", "value": "none"}), &unknown));
}

#[test]
fn groups() {
    let yes = json!({"field": "links.count", "operator": "equals", "value": 3});
    let no = json!({"field": "links.count", "operator": "equals", "value": 4});
    for (matching, nodes, expected) in [
        ("all", json!([yes, yes]), true),
        ("all", json!([yes, no]), false),
        ("any", json!([no, yes]), true),
        ("any", json!([no, no]), false),
        ("none", json!([no, no]), true),
        ("none", json!([no, yes]), false),
        ("none", json!([{"match": "all", "conditions": [yes, no]}]), true),
        ("any", json!([no, {"match": "none", "conditions": [no]}]), true),
    ] {
        let group = json!({"match": matching, "conditions": nodes});
        assert_eq!(holds(&group, &invoice()), expected, "{group}");
    }
}

#[test]
fn rules_run_in_order_until_one_stops() {
    let yes = json!([{"field": "links.count", "operator": "equals", "value": 3}]);
    let no = json!([{"field": "links.count", "operator": "equals", "value": 4}]);
    let acting = |id: &str, conditions: &Value, enabled: bool, stop: bool| {
        json!({"id": id, "enabled": enabled, "conditions": conditions,
               "actions": {"target": "crm", "stop_processing": stop, "priority": "high"}})
    };
    let ids = |rules: Value| {
        let evaluation = evaluate(&rules, &invoice());
        (evaluation.matched.iter().map(|found| found.rule_id.clone()).collect::<Vec<_>>().join(" "), evaluation.stopped)
    };
    let (a, b) = (acting("a", &yes, true, false), acting("b", &yes, true, true));
    let (off, missed) = (acting("off", &yes, false, true), acting("missed", &no, true, true));
    assert_eq!(ids(json!([a, off, missed, b, acting("c", &yes, true, false)])), ("a b".to_owned(), true));
    assert_eq!(ids(json!([missed, a, off])), ("a".to_owned(), false));
    assert_eq!(ids(json!([])), (String::new(), false));
}

#[test]
fn named_groups_are_captured() {
    let regex = |field: &str, value: &str| json!({"field": field, "operator": "regex", "value": value});
    let captured = |conditions: Value| {
        let evaluation = evaluate(&json!([rule("r", &conditions)]), &invoice());
        evaluation.matched.first().map(|found| format!("{:?}", found.captures))
    };
    let number = regex("subject", r"n°(?P<number>\d+)");
    let month = regex("body", r"d'(?P<number>août)|(?P<other>nothing)");
    assert_eq!(captured(json!([number])).unwrap(), r#"{"number": "42"}"#);
    assert_eq!(captured(json!([number, month])).unwrap(), r#"{"number": "42"}"#);
    assert_eq!(captured(json!([{"match": "any", "conditions": [month, number]}])).unwrap(), r#"{"number": "août"}"#);
    let failing = json!({"match": "all", "conditions": [month, regex("subject", "nothing")]});
    assert_eq!(captured(json!([{"match": "any", "conditions": [failing, number]}])).unwrap(), r#"{"number": "42"}"#);
    assert_eq!(captured(json!([number, {"match": "none", "conditions": [failing]}])).unwrap(), r#"{"number": "42"}"#);
    assert_eq!(captured(json!([number, regex("subject", "nothing")])), None);
}

#[test]
fn a_capture_is_cut() {
    let mail = Mail { html: "é".repeat(5_000), ..invoice() };
    let all = json!([{"field": "body", "operator": "regex", "value": "(?P<all>é+)"}]);
    let evaluation = evaluate(&json!([rule("r", &all)]), &mail);
    assert_eq!(evaluation.matched[0].captures["all"], "é".repeat(1_000));
}

#[test]
fn compiled_rules_are_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&compile(&RuleSet::default()));
}

/// Few letters, so that chance meets; with the ones whose case or accents are odd.
const LETTERS: &str = "[abcABCéÉeESsß€ .\n]";

fn any_text(max: usize) -> impl Strategy<Value = String> {
    proptest::string::string_regex(&format!("{LETTERS}{{0,{max}}}")).unwrap()
}

fn any_pattern() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::string::string_regex("[abcABCéÉeEs€]{1,6}").unwrap(),
        Just(".*".to_owned()),
        Just(r"\b".to_owned()),
        Just("[ab]".to_owned()),
        Just("[eé]".to_owned()),
        Just("[^a]".to_owned()),
        Just("[a-s]+".to_owned()),
        Just("^".to_owned()),
    ];
    let pieces = proptest::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat());
    pieces.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}|{b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}){b}")),
            (inner.clone(), proptest::sample::select(vec!["?", "*", "+", "{2}"]))
                .prop_map(|(a, n)| format!("({a}){n}")),
            inner.prop_map(|a| format!("(?P<name>{a})")),
        ]
    })
}

fn any_leaf() -> impl Strategy<Value = Value> {
    let texts = || proptest::sample::select(vec!["sender", "subject", "body", "body.text", "to", "header[x]"]);
    let short = proptest::sample::select(vec!["sender", "subject", "to", "header[x]"]);
    let compare = proptest::sample::select(vec!["contains", "equals", "starts_with", "ends_with"]);
    let value = || any_text(6).prop_filter("blank", |text| !text.trim().is_empty());
    let glob = proptest::string::string_regex("[abE*?.]{1,5}").unwrap();
    let numbers = proptest::sample::select(vec!["equals", "greater", "less"]);
    let what = prop_oneof![
        (texts(), compare, value()).prop_map(|(field, operator, value)| (field, operator, json!(value))),
        (texts(), Just("contains"), value()).prop_map(|(field, operator, value)| (field, operator, json!(value))),
        (texts(), Just("regex"), any_pattern()).prop_map(|(field, operator, value)| (field, operator, json!(value))),
        (short, Just("glob"), glob).prop_map(|(field, operator, value)| (field, operator, json!(value))),
        (texts(), Just("in"), proptest::collection::vec(value(), 1..4)).prop_map(|(f, o, values)| (
            f,
            o,
            json!(values)
        )),
        (texts(), Just("exists"), Just(json!(null))),
        (Just("links.count"), numbers, 0_u64..4).prop_map(|(field, operator, value)| (field, operator, json!(value))),
    ];
    (what, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|((field, operator, value), case, accents, negate)| {
        json!({"field": field, "operator": operator, "value": value, "case_sensitive": case,
               "accent_sensitive": accents, "negate": negate})
    })
}

pub(in crate::rules) fn any_rules() -> impl Strategy<Value = Value> {
    let node = any_leaf().prop_recursive(2, 6, 3, |inner| {
        (proptest::sample::select(vec!["all", "any", "none"]), proptest::collection::vec(inner, 1..4))
            .prop_map(|(matching, conditions)| json!({"match": matching, "conditions": conditions}))
    });
    let rule = (proptest::collection::vec(node, 1..3), any::<bool>(), 0..5).prop_map(|(conditions, stop, on)| {
        json!({"conditions": conditions, "enabled": on > 0, "actions": {"target": "t", "stop_processing": stop}})
    });
    proptest::collection::vec(rule, 1..8).prop_map(|rules| json!(rules))
}

pub(in crate::rules) fn any_mail() -> impl Strategy<Value = Mail> {
    let texts = (any_text(12), any_text(12), any_text(20), any_text(40), any_text(40));
    let more = (proptest::collection::vec(any_text(6), 0..3), proptest::option::of(any_text(8)), 0_usize..4);
    (texts, more).prop_map(|((from, address, subject, html, text), (to, header, links))| Mail {
        from,
        address,
        subject,
        html,
        text,
        to,
        headers: header.into_iter().map(|value| ("X".to_owned(), value)).collect(),
        links,
        ..invoice()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Neither the prefilter, nor the kept forms, nor stopping early changes a result.
    #[test]
    fn agrees_with_the_naive_evaluator(value in any_rules(), mail in any_mail()) {
        // A generated pattern may be none; such a set is refused before anything runs.
        let Ok(set) = check::parse(&value, &Bounds::default(), &|_| Ok(())) else { return Ok(()) };
        let evaluation = compile(&set).evaluate(&mail.facts());
        let found: Vec<_> = evaluation.matched.iter().map(|found| found.rule_index).collect();
        prop_assert_eq!((found, evaluation.stopped), naive::evaluate(&set, &mail));
    }
}
