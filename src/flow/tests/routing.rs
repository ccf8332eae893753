//! Where a mail goes: decisions 8 and 9, and the words that keep it from going anywhere.

use super::world::{DEFAULT, rule, rules, to};
use super::*;
use crate::config::DocumentKey;
use crate::ledger::MailState;
use crate::memory::Reply;
use crate::ports::Home;
use serde_json::{Value, json};

const A: &str = "https://hooks.receiver.tld/a";
const B: &str = "https://hooks.receiver.tld/b";
const DETECTOR: &str = "https://hooks.receiver.tld/detector";

fn receivers(world: &World) {
    for url in [A, B, DETECTOR] {
        world.home.fetch().script(url, [Reply::status(200, "")]);
    }
}

/// Where a mail with that subject and body goes under these rules.
fn route(list: &[Value], detectors: Value, subject: &str, body: &str) -> Vec<String> {
    let world = World::new();
    receivers(&world);
    world.configure(DocumentKey::RoutingRules, rules(list));
    world.configure(DocumentKey::Detectors, detectors);
    world.push(mail(subject, body)).unwrap();
    world.work();
    world.assert_promises(subject);
    world.received().into_iter().map(|request| request.url).collect()
}

fn stop(url: &str) -> Value {
    json!({"webhook_url": url, "priority": "normal", "stop_processing": true})
}

/// A name, the rules, the detectors, the subject, and where the mail goes.
type Row<'a> = (&'a str, &'a [Value], Value, &'a str, &'a [&'a str]);

#[test]
fn each_matching_rule_adds_its_target_and_the_default_follows() {
    let own = json!({"recadrage": {"target": DETECTOR}});
    let table: [Row<'_>; 9] = [
        ("no rule", &[], json!({}), "Hello", &[DEFAULT]),
        ("one rule", &[rule("1", "hello", to(A))], json!({}), "Hello", &[A, DEFAULT]),
        ("two rules", &[rule("1", "hello", to(A)), rule("2", "hel", to(B))], json!({}), "Hello", &[A, B, DEFAULT]),
        ("another subject", &[rule("1", "bye", to(A))], json!({}), "Hello", &[DEFAULT]),
        ("a rule that stops", &[rule("1", "hello", stop(A)), rule("2", "hel", to(B))], json!({}), "Hello", &[A]),
        ("the second stops", &[rule("1", "hello", to(A)), rule("2", "hel", stop(B))], json!({}), "Hello", &[A, B]),
        ("one URL twice", &[rule("1", "hello", to(A)), rule("2", "hel", to(A))], json!({}), "Hello", &[A, DEFAULT]),
        ("the default's URL", &[rule("1", "hello", to(DEFAULT))], json!({}), "Hello", &[DEFAULT]),
        ("the detector's target", &[rule("1", "lot", to(A))], own.clone(), JOB, &[A, DETECTOR]),
    ];
    for (name, list, detectors, subject, expected) in table {
        assert_eq!(route(list, detectors, subject, JOB_BODY), expected, "{name}");
    }
    assert_eq!(route(&[], own, "Hello", LINK), [DEFAULT], "another detector's target");
    let desabo = json!({"desabo": {"target": DETECTOR}});
    assert_eq!(route(&[], desabo, "x", DESABO), [DETECTOR]);
}

#[test]
fn the_payload_names_the_rule_that_sent_it() {
    let world = World::new();
    receivers(&world);
    world.configure(DocumentKey::RoutingRules, rules(&[rule("r1", "hello", to(A))]));
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    let named: Vec<_> = world.payloads().iter().map(|body| body.get("routing_rule").cloned()).collect();
    assert_eq!(named, [Some(json!({"id": "r1", "name": "rule r1", "priority": "normal"})), None]);
}

#[test]
fn a_broken_rule_does_not_silence_the_others() {
    let broken = json!({"id": "bad", "name": "bad", "conditions": [], "actions": {}});
    assert_eq!(route(&[broken, rule("1", "hello", to(A))], json!({}), "Hello", LINK), [A, DEFAULT]);
}

/// Decision 9.
#[test]
fn the_policy_on_links_concerns_only_what_nothing_recognised() {
    let matching = [rule("1", "hello", to(A))];
    assert_eq!(route(&[], json!({}), "Hello", "no link"), [] as [&str; 0]);
    assert_eq!(route(&matching, json!({}), "Hello", "no link"), [A, DEFAULT], "a rule matched");
    assert_eq!(route(&[], json!({}), "x", DESABO), [DEFAULT], "a detector matched");
    let world = World::new();
    world.push(mail("Hello", "no link")).unwrap();
    world.work();
    assert_eq!(world.state(), (MailState::Skipped, Some("no_links".to_owned())));
    world.configure(DocumentKey::RuntimeFlags, json!({"allow_custom_webhook_without_links": true}));
    world.advance(31);
    world.push(mail("Hello again", "no link")).unwrap();
    world.work();
    assert_eq!(world.received().len(), 1);
}

/// Decision 34.
#[test]
fn excluded_words_whatever_their_case_and_accents() {
    let table = [
        (json!({"exclude_keywords": ["éTÉ"]}), "Un ete chaud", LINK.to_owned(), true),
        (json!({"exclude_keywords": ["soldes"]}), "Hello", format!("SOLDÉS {LINK}"), true),
        (json!({"exclude_keywords": ["soldes"]}), "Hello", format!("<b title=soldes>x</b> {LINK}"), false),
        (json!({"exclude_keywords_recadrage": ["lot"]}), JOB, JOB_BODY.to_owned(), true),
        (json!({"exclude_keywords_recadrage": ["lot"]}), "un lot", LINK.to_owned(), false),
        (json!({"exclude_keywords_autorepondeur": ["journee"]}), "x", DESABO.to_owned(), true),
        (json!({"exclude_keywords_autorepondeur": ["journee"]}), "journee", LINK.to_owned(), false),
        (json!({"exclude_keywords": ["", "  "]}), "Hello", LINK.to_owned(), false),
    ];
    for (prefs, subject, body, excluded) in table {
        let world = World::new();
        world.configure(DocumentKey::ProcessingPrefs, prefs.clone());
        world.push(mail(subject, &body)).unwrap();
        world.work();
        let reason = if excluded { "excluded_keyword" } else { "delivered" };
        assert_eq!(world.state().1.as_deref(), Some(reason), "{prefs} on {subject}: {body}");
    }
}

#[test]
fn a_sender_has_its_priority_and_a_rule_its_own() {
    let world = World::new();
    receivers(&world);
    let prefs = json!({"version": 1, "sender_priority": {"technique@client.example": "high"}});
    world.configure(DocumentKey::ProcessingPrefs, prefs);
    let low = json!({"webhook_url": A, "priority": "low", "stop_processing": false});
    world.configure(DocumentKey::RoutingRules, rules(&[rule("1", "hello", low)]));
    // Every place of both targets is taken, so that the order of leasing shows.
    world.home.fetch().script(DEFAULT, [Reply::status(503, "")]);
    world.home.fetch().script(A, [Reply::status(503, "")]);
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    world.advance(10);
    let order = world.lease(8).into_iter().map(|lease| match lease.work {
        crate::ledger::Work::Deliver(job) => job.url,
        crate::ledger::Work::Process => panic!("processed already"),
    });
    assert_eq!(order.collect::<Vec<_>>(), [DEFAULT, A]);
}
