use super::*;
use crate::rules::evaluate::tests::{any_mail, any_rules, invoice, rule, rules};
use crate::rules::{Bounds, check, compile};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn every_condition_says_what_was_compared() {
    let set = rules(&json!([rule(
        "r",
        &json!([
            {"field": "subject", "operator": "contains", "value": "FACTURE"},
            {"field": "links.count", "operator": "greater", "value": 5},
            {"match": "any", "conditions": [
                {"field": "size", "operator": "exists", "negate": true},
                {"field": "body", "operator": "contains", "value": "not there"},
                {"field": "header[x-none]", "operator": "equals", "value": "1"},
            ]},
        ])
    )]));
    let traces = serde_json::to_value(compile(&set).explain(&invoice().facts())).unwrap();
    assert_eq!(
        traces,
        json!([{
            "rule_index": 0, "rule_id": "r", "rule_name": "r", "verdict": "not_matched", "holds": false,
            "nodes": [
                {"field": "subject", "operator": "contains", "expected": "FACTURE", "negate": false, "holds": true,
                 "reason": "met", "seen": "facture n°42 — été"},
                {"field": "links.count", "operator": "greater", "expected": "5", "negate": false, "holds": false,
                 "reason": "not_met", "seen": "3"},
                {"match": "any", "holds": false, "nodes": [
                    {"field": "size", "operator": "exists", "expected": "", "negate": true, "holds": false,
                     "reason": "met", "seen": "2000"},
                    {"field": "body", "operator": "contains", "expected": "not there", "negate": false, "holds": false,
                     "reason": "not_met", "seen": null},
                    {"field": "header[x-none]", "operator": "equals", "expected": "1", "negate": false, "holds": false,
                     "reason": "unknown", "seen": null},
                ]},
            ],
        }])
    );
}

#[test]
fn rules_that_do_not_count_are_explained_too() {
    let yes = json!([{"field": "links.count", "operator": "equals", "value": 3}]);
    let acting = |enabled: bool, stop: bool| json!({"enabled": enabled, "conditions": yes, "actions": {"target": "t", "stop_processing": stop}});
    let set = rules(&json!([acting(false, true), acting(true, true), acting(true, false)]));
    let verdicts: Vec<_> =
        compile(&set).explain(&invoice().facts()).iter().map(|rule| (rule.verdict, rule.holds)).collect();
    assert_eq!(verdicts, [(Verdict::Disabled, true), (Verdict::Matched, true), (Verdict::NotReached, true)]);
}

#[test]
fn a_body_is_shown_only_around_the_match() {
    let mut mail = invoice();
    mail.html = format!("{}secret{}", "à".repeat(5_000), "b".repeat(5_000));
    let set = rules(&json!([rule("r", &json!([{"field": "body", "operator": "regex", "value": "secret"}]))]));
    let traces = compile(&set).explain(&mail.facts());
    let NodeTrace::Condition(condition) = &traces[0].nodes[0] else { panic!("a condition") };
    let expected = format!("…{}secret{}…", "à".repeat(30), "b".repeat(30));
    assert_eq!(condition.seen.as_deref(), Some(expected.as_str()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The explanation matches the same rules, and its nodes add up to its verdicts.
    #[test]
    fn agrees_with_the_evaluation(value in any_rules(), mail in any_mail()) {
        let Ok(set) = check::parse(&value, &Bounds::default(), &|_| Ok(())) else { return Ok(()) };
        let compiled = compile(&set);
        let traces = compiled.explain(&mail.facts());
        prop_assert_eq!(traces.len(), set.rules.len());
        let matched = traces.iter().filter(|rule| rule.verdict == Verdict::Matched).map(|rule| rule.rule_index);
        let evaluated = compiled.evaluate(&mail.facts()).matched;
        prop_assert_eq!(matched.collect::<Vec<_>>(), evaluated.iter().map(|found| found.rule_index).collect::<Vec<_>>());
        for rule in &traces {
            prop_assert_eq!(rule.holds, rule.nodes.iter().all(adds_up));
        }
    }

    /// Captures do not depend on who listens.
    #[test]
    fn listening_changes_nothing(value in any_rules(), mail in any_mail()) {
        let Ok(set) = check::parse(&value, &Bounds::default(), &|_| Ok(())) else { return Ok(()) };
        let compiled = compile(&set);
        let mut scribe = Scribe { rules: Vec::new(), open: vec![Vec::new()] };
        prop_assert_eq!(compiled.run(&mail.facts(), &mut scribe), compiled.evaluate(&mail.facts()));
    }
}

/// Whether the node holds; panics when it does not follow from its parts.
fn adds_up(node: &NodeTrace) -> bool {
    match node {
        NodeTrace::Condition(condition) => {
            assert_eq!(condition.holds, (condition.reason == Reason::Met) != condition.negate);
            condition.holds
        }
        NodeTrace::Group(group) => {
            let held = group.nodes.iter().filter(|node| adds_up(node)).count();
            let expected = match group.matching {
                Matching::All => held == group.nodes.len(),
                Matching::Any => held > 0,
                Matching::None => held == 0,
            };
            assert_eq!(group.holds, expected);
            group.holds
        }
    }
}
