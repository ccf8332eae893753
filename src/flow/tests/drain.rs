//! Working off what is due: how often the ledger is asked, how many requests are under way, and when to stop.

use super::world::{DEFAULT, rule, rules, to};
use super::*;
use crate::config::DocumentKey;
use crate::flow::drain;
use crate::ledger::MailState;
use crate::memory::{Call, Fault, Reply, Side};
use crate::ports::Home;
use core::time::Duration;
use futures_executor::block_on;
use serde_json::json;

/// The ledger calls of a run, in order.
fn ledger_calls(world: &World, run: impl FnOnce()) -> Vec<Call> {
    world.home.faults().clear();
    run();
    let mut calls = world.home.faults().calls();
    calls.retain(|call| !matches!(call, Call::LoadConfig | Call::Send | Call::Nudge | Call::Sleep));
    calls
}

fn drained(world: &World, rounds: u32) -> usize {
    block_on(drain(&world.home, 4, rounds)).unwrap()
}

/// Decision 21.
#[test]
fn a_delivery_costs_three_calls() {
    let world = World::new();
    world.push(mail("a", LINK)).unwrap();
    let calls = ledger_calls(&world, || assert_eq!(drained(&world, 8), 1));
    assert_eq!(calls, [Call::LeaseDue, Call::Plan, Call::Record]);
    assert_eq!(world.state().0, MailState::Delivered);
}

#[test]
fn four_mails_share_the_call_that_leases_them() {
    let world = World::new();
    for n in 0..4 {
        world.push(mail(&format!("mail {n}"), LINK)).unwrap();
    }
    let calls = ledger_calls(&world, || assert_eq!(drained(&world, 8), 4));
    assert_eq!(calls.len(), 1 + 4 + 4, "{calls:?}");
}

#[test]
fn nothing_due_costs_one_call() {
    let world = World::new();
    assert_eq!(ledger_calls(&world, || assert_eq!(drained(&world, 8), 0)), [Call::LeaseDue]);
}

#[test]
fn a_retry_to_come_is_not_asked_for() {
    let world = World::new();
    world.home.fetch().script(DEFAULT, [Reply::status(503, "")]);
    world.push(mail("a", LINK)).unwrap();
    assert_eq!(ledger_calls(&world, || assert_eq!(drained(&world, 8), 1)).len(), 3);
    world.advance(10);
    assert_eq!(ledger_calls(&world, || assert_eq!(drained(&world, 8), 1)), [Call::LeaseDue, Call::Record]);
}

#[test]
fn it_goes_on_while_there_is_more_and_says_so_when_it_stops_early() {
    let world = World::new();
    for n in 0..10 {
        world.push(mail(&format!("mail {n}"), LINK)).unwrap();
    }
    let before = world.home.queue().nudges();
    assert_eq!(drained(&world, 2), 8);
    assert_eq!(world.home.queue().nudges(), before + 1, "somebody is woken for the rest");
    assert_eq!(drained(&world, 2), 2);
    assert_eq!(world.home.queue().nudges(), before + 1);
    assert_eq!(world.received().len(), 10);
}

/// What waits behind a full cap is taken by whoever gives a place back, without another waking.
#[test]
fn a_backlog_of_one_target_is_worked_off() {
    let world = World::new();
    world.home.fetch().script(DEFAULT, [Reply::status(503, "")]);
    for n in 0..10 {
        world.push(mail(&format!("mail {n}"), LINK)).unwrap();
    }
    world.work();
    world.home.fetch().script(DEFAULT, [Reply::status(200, "")]);
    world.advance(10);
    assert_eq!(block_on(drain(&world.home, 8, 8)).unwrap(), 10, "places for four at a time");
}

/// Decision 21: four mails with four targets each, all of them slow.
#[test]
fn at_most_four_requests_are_under_way() {
    let world = World::new();
    let urls: Vec<String> = (0..4).map(|n| format!("https://hooks.receiver.tld/{n}")).collect();
    let own: Vec<_> = urls.iter().enumerate().map(|(n, url)| rule(&n.to_string(), "all", to(url))).collect();
    world.configure(DocumentKey::RoutingRules, rules(&own));
    for url in &urls {
        world.home.fetch().script(url, [Reply::status(200, "").after(Duration::from_secs(10))]);
    }
    for n in 0..4 {
        world.push(mail(&format!("all {n}"), LINK)).unwrap();
    }
    let start = world.now();
    assert_eq!(drained(&world, 1), 4);
    let received = world.received();
    let mut seconds: Vec<u64> = received.iter().map(|request| request.at.since(start).as_secs()).collect();
    seconds.sort_unstable();
    let four_each: Vec<u64> = [0, 10, 20, 30].iter().flat_map(|second| [*second; 4]).collect();
    assert_eq!(seconds, four_each);
    // The last ones waited twice as long as a request may take, and none of them timed out.
    let deliveries: Vec<_> = world.lives().into_iter().flat_map(|life| life.deliveries).collect();
    let attempts = deliveries.iter().flat_map(|delivery| &delivery.attempts).map(|row| &row.attempt);
    let ends: Vec<_> = attempts.map(|attempt| (attempt.code.as_str(), attempt.duration_ms)).collect();
    assert_eq!(ends, [("delivered", 10_000); 16], "the wait is not the request's");
}

#[test]
fn a_ledger_that_does_not_answer_is_said_to_the_caller() {
    let world = World::new();
    world.push(mail("a", LINK)).unwrap();
    world.home.faults().every(Call::LeaseDue, Fault::Fail(Side::Before));
    assert!(block_on(drain(&world.home, 4, 8)).is_err());
    world.home.faults().clear();
    assert_eq!(drained(&world, 8), 1);
}

/// Work that the answer speaks of and does not hand out has nobody woken for it: that would never end.
#[test]
fn what_is_not_handed_out_wakes_nobody() {
    let world = World::new();
    world.configure(DocumentKey::ProcessingPrefs, json!({"version": 1, "rate_limit_per_hour": 1}));
    for n in 0..3 {
        world.push(mail(&format!("mail {n}"), LINK)).unwrap();
    }
    drained(&world, 8);
    let before = world.home.queue().nudges();
    assert_eq!(drained(&world, 1), 0);
    assert_eq!(world.home.queue().nudges(), before);
}
