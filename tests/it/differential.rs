//! The same mails at the same times in two homes: what receivers get and what stays on record is the same, byte for byte.
//!
//! One home is in memory and shares no code with a store over SQL; the other is the server of this run (`TEST_HOME`), as a test
//! build. What both do equals, on whatever home it runs. Not compared: what is drawn by lot, which is ids, signatures and the spread
//! of a retry's delay, and the order of what goes on side by side.

mod instants;
mod mails;
mod memory;
mod receivers;
mod remote;
mod scenarios;
mod subject;

use memory::Memory;
use receivers::Receivers;
use remote::Remote;
use scenarios::{SCENARIOS, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use subject::{Done, put_through};

/// Mails an instant, so that the scenarios have a thousand together.
const EACH: usize = 11;

/// What the run is worthless without.
const MUST_MEET: [&str; 21] = [
    "Webhook sending disabled",
    "absence_day",
    "already_processing",
    "by_rule",
    "delivered",
    "excluded_keyword",
    "no_links",
    "outside_time_window",
    "queued",
    "rate_limited",
    "redirect_refused",
    "remote_application_error",
    "sending_disabled",
    "skipped_sender_not_allowed",
    "skipped_subject_group_repeat",
    "target_disabled",
    "target_gone",
    "unsupported_media_type",
    "upstream_client_error",
    "upstream_server_error",
    "due",
];

#[tokio::test]
async fn two_homes_do_the_same_with_a_thousand_mails() {
    let mails: usize = SCENARIOS.iter().map(|scenario| scenario.instants().len() * EACH).sum();
    assert!(mails >= 1_000, "{mails} mails");
    let mut met = BTreeSet::new();
    for (seed, scenario) in (1..).zip(&SCENARIOS) {
        met.extend(compare(seed, scenario).await);
    }
    let missing: Vec<_> = MUST_MEET.iter().filter(|code| !met.contains(**code)).collect();
    assert!(missing.is_empty(), "the run does not meet {missing:?}");
}

/// Puts both homes through a scenario. Returns what was met in it.
async fn compare(seed: u64, scenario: &Scenario) -> BTreeSet<String> {
    let (receivers, base) = Receivers::serve();
    let settings = scenario.settings(&format!("{base}/default"));
    let mails = mails::generate(seed, scenario.instants().len(), EACH);
    let memory = put_through(&Memory::new(&settings, &receivers), scenario, &mails, &receivers, &base).await;
    let server = put_through(&Remote::start(&settings), scenario, &mails, &receivers, &base).await;
    println!("{}: {} pushes, {}", scenario.name, memory.told.len(), summary(&memory));
    let met = met(&memory);
    let pushes = mails.iter().flatten();
    for ((push, memory), server) in pushes.zip(&memory.told).zip(&server.told) {
        assert_eq!(memory, server, "{}: what the client is told of {push}", scenario.name);
    }
    same(scenario, "on record", &memory.lives, &server.lives);
    let text = |done: Done| done.requests.into_iter().map(readable).collect::<Vec<_>>();
    same(scenario, "sent", &text(memory), &text(server));
    met
}

/// The words that clients were told, and the codes of every step on record.
fn met(done: &Done) -> BTreeSet<String> {
    let mut met: BTreeSet<String> = done.told.iter().map(|told| told.word().to_owned()).collect();
    for life in &done.lives {
        let life: serde_json::Value = serde_json::from_str(life).unwrap();
        let steps = life["events"].as_array().unwrap();
        met.extend(steps.iter().map(|step| step["code"].as_str().unwrap().to_owned()));
    }
    met
}

/// Bytes as text, which is what they are: nothing is lost.
fn readable((path, media_type, body): receivers::Request) -> String {
    format!("{path} {media_type} {}", String::from_utf8(body).unwrap())
}

fn same(scenario: &Scenario, what: &str, memory: &[String], server: &[String]) {
    let only = |one: &[String], other: &[String]| one.iter().find(|item| !other.contains(item)).cloned();
    let difference = (only(memory, server), only(server, memory));
    let counts = (memory.len(), server.len());
    assert_eq!(
        difference,
        (None, None),
        "{}, {what}: only in memory, only on the server, of {counts:?}",
        scenario.name
    );
    assert_eq!(memory, server, "{}, {what}: as often", scenario.name);
}

/// How many of each: a run that met little shows little.
fn summary(done: &Done) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for life in &done.lives {
        let life: serde_json::Value = serde_json::from_str(life).unwrap();
        let mail = &life["mail"];
        *counts.entry(format!("{}/{}", mail["state"], mail["reason"]).replace('"', "")).or_default() += 1;
    }
    format!("{} requests, {counts:?}", done.requests.len())
}
