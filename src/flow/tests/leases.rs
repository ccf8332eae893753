//! Who works on what: caps, limits, stale holders. Decisions 16 to 18.

use super::world::{DEFAULT, rule, rules, to};
use super::*;
use crate::config::DocumentKey;
use crate::flow::{PER_TARGET, lease_request, run};
use crate::ledger::{DeliveryState, MailState, Recorded, Work};
use crate::memory::{Call, Fault, Reply, Side};
use crate::ports::{Home, Ledger};
use core::time::Duration;
use futures_executor::block_on;
use futures_util::future::join_all;
use serde_json::json;

/// Mails that were decided while their target answered 503: their deliveries are due again.
fn due_deliveries(count: usize) -> World {
    let world = World::new();
    world.home.fetch().script(DEFAULT, [Reply::status(503, "")]);
    for n in 0..count {
        world.push(mail(&format!("mail {n}"), LINK)).unwrap();
    }
    world.work();
    world.advance(10);
    world
}

/// Decision 17.
#[test]
fn at_most_four_deliveries_of_a_target_are_in_flight() {
    let world = due_deliveries(6);
    let first = world.lease(100);
    assert_eq!(first.len(), usize::try_from(PER_TARGET).unwrap());
    assert!(world.lease(100).is_empty(), "another worker gets none");
    world.push(mail("new", LINK)).unwrap();
    let [process] = world.lease(100).try_into().unwrap();
    block_on(run(&world.home, process));
    assert_eq!(world.received().len(), 6, "a new mail waits for a place too");
    block_on(run(&world.home, first[0].clone()));
    assert_eq!(world.lease(100).len(), 1, "one place is free again");
}

#[test]
fn a_full_target_does_not_hold_up_another() {
    let world = World::new();
    let other = "https://hooks.receiver.tld/other";
    world.home.fetch().script(other, [Reply::status(200, "")]);
    world.home.fetch().script(DEFAULT, [Reply::status(503, "")]);
    let stop = json!({"webhook_url": other, "priority": "low", "stop_processing": true});
    world.configure(DocumentKey::RoutingRules, rules(&[rule("1", "other", stop)]));
    for n in 0..20 {
        world.push(mail(&format!("mail {n}"), LINK)).unwrap();
    }
    world.work();
    world.advance(10);
    assert_eq!(world.lease(100).len(), 4);
    world.push(mail("other", LINK)).unwrap();
    world.work();
    assert_eq!(world.received().last().unwrap().url, other);
}

/// A worker that asks while every place is taken is told to come back when one may be free, not at once.
#[test]
fn work_behind_a_full_cap_is_not_due() {
    let world = due_deliveries(6);
    let request = lease_request(&world.snapshot(), 100);
    let batch = block_on(world.home.ledger().lease_due(request)).unwrap();
    assert_eq!(batch.leases.len(), 4);
    assert_eq!(batch.next_due, Some(batch.leases[0].until));
}

/// Decision 16.
#[test]
fn the_hourly_limit_delays_and_never_drops() {
    let world = World::new();
    world.configure(DocumentKey::ProcessingPrefs, json!({"version": 1, "rate_limit_per_hour": 2}));
    for n in 0..5 {
        world.push(mail(&format!("mail {n}"), LINK)).unwrap();
    }
    world.work();
    assert_eq!(world.received().len(), 2);
    let held = world.lives().into_iter().filter(|life| life.mail.reason.as_deref() == Some("rate_limited"));
    assert_eq!(held.count(), 3);
    world.go_on();
    assert!(world.lives().iter().all(|life| life.mail.state == MailState::Delivered));
    let at: Vec<_> = world.received().iter().map(|request| request.at).collect();
    assert_eq!(at.len(), 5);
    for window in at.windows(3) {
        assert!(window[2].since(window[0]) >= Duration::from_hours(1), "three within an hour");
    }
}

/// Decision 18: a slow receiver outlasts a lease, which is renewed meanwhile.
#[test]
fn a_lease_is_renewed_while_its_holder_waits() {
    let world = World::new();
    world.configure(DocumentKey::ProcessingPrefs, json!({"version": 1, "webhook_timeout_sec": 300}));
    world.home.fetch().script(DEFAULT, [Reply::status(200, "").after(Duration::from_secs(130))]);
    world.push(mail("Hello", LINK)).unwrap();
    world.home.faults().clear();
    world.work();
    let renewals = world.home.faults().calls().into_iter().filter(|call| *call == Call::Renew).count();
    assert_eq!((renewals, world.received().len()), (6, 1));
    assert!(!world.delivery().attempts[0].stale);
}

/// A ledger that does not answer a renewal does not hold up the exchange.
#[test]
fn the_exchange_goes_on_while_a_renewal_hangs() {
    let world = World::new();
    world.configure(DocumentKey::ProcessingPrefs, json!({"version": 1, "webhook_timeout_sec": 300}));
    world.home.fetch().script(DEFAULT, [Reply::status(200, "").after(Duration::from_secs(30))]);
    world.push(mail("Hello", LINK)).unwrap();
    world.home.faults().clear();
    world.home.faults().every(Call::Renew, Fault::Hang(Side::Before));
    let began = world.now();
    world.work();
    assert_eq!((world.state().0, world.now().since(began)), (MailState::Delivered, Duration::from_secs(30)));
}

/// Decision 18: without renewals the delivery is somebody else's, and what its old holder reports changes nothing, but a 2xx.
#[test]
fn a_stale_holder_changes_nothing_but_a_success() {
    for (stale_answer, ended) in [(503, false), (404, false), (410, false), (200, true)] {
        let world = due_deliveries(1);
        let old = world.lease(1).remove(0);
        world.advance(61);
        let new = world.lease(1).remove(0);
        assert_eq!(new.token.work, old.token.work);
        let before = world.delivery();
        world.home.fetch().script(DEFAULT, [Reply::status(stale_answer, "")]);
        block_on(run(&world.home, old.clone()));
        let after = world.delivery();
        assert!(after.attempts[1].stale, "kept for the record");
        if ended {
            assert_eq!(after.state, DeliveryState::Delivered);
        } else {
            assert_eq!((after.state, after.due_at), (before.state, before.due_at), "{stale_answer}");
            assert_eq!(
                block_on(world.home.ledger().renew(&new.token)),
                Ok(true),
                "{stale_answer}: the new holder is undisturbed"
            );
        }
        assert_eq!(block_on(world.home.ledger().renew(&old.token)), Ok(false));
        // The new holder fails: after the stale success that is a stale report too.
        world.home.fetch().script(DEFAULT, [Reply::status(503, "")]);
        block_on(run(&world.home, new));
        let state = if ended { DeliveryState::Delivered } else { DeliveryState::Retrying };
        assert_eq!(world.delivery().state, state, "{stale_answer}");
        assert!(world.home.ledger().leases().is_empty());
    }
}

/// A holder whose mail was given to another decides nothing.
#[test]
fn a_stale_decision_is_not_recorded() {
    let world = World::new();
    world.push(mail("Hello", LINK)).unwrap();
    let old = world.lease(1).remove(0);
    world.advance(61);
    let new = world.lease(1).remove(0);
    assert_eq!(new.work, Work::Process);
    block_on(run(&world.home, old));
    assert!(world.received().is_empty());
    block_on(run(&world.home, new));
    assert_eq!((world.received().len(), world.state().0), (1, MailState::Delivered));
}

/// A lease that ran out while nobody else wanted its work is still good.
#[test]
fn a_late_report_of_the_last_holder_counts() {
    let world = due_deliveries(1);
    let lease = world.lease(1).remove(0);
    world.advance(3600);
    world.home.fetch().script(DEFAULT, [Reply::status(404, "")]);
    block_on(run(&world.home, lease));
    assert_eq!(world.state().0, MailState::Failed);
}

#[test]
fn a_restart_voids_every_lease() {
    let world = due_deliveries(2);
    let old = world.lease(8);
    world.home.ledger().void_leases();
    assert_eq!(world.lease(8).len(), 2, "due again at once");
    let report = crate::ledger::Report { attempt: None, next: crate::ledger::Next::Failed };
    assert_eq!(block_on(world.home.ledger().record(&old[0].token, report)), Ok(Recorded::Stale));
}

/// Deliveries of one mail are sent side by side: the slowest sets the time, not the sum.
#[test]
fn a_slow_receiver_does_not_hold_up_another() {
    let world = World::new();
    let slow = Reply::status(200, "").after(Duration::from_secs(10));
    let list: Vec<_> =
        (0..3).map(|n| rule(&n.to_string(), "hello", to(&format!("https://hooks.receiver.tld/{n}")))).collect();
    for n in 0..3 {
        world.home.fetch().script(&format!("https://hooks.receiver.tld/{n}"), [slow.clone()]);
    }
    world.configure(DocumentKey::RoutingRules, rules(&list));
    world.push(mail("Hello", LINK)).unwrap();
    let began = world.now();
    world.work();
    assert_eq!(world.now().since(began), Duration::from_secs(10));
    assert_eq!(world.received().len(), 4);
}

/// Two workers at once, on one store.
#[test]
fn two_workers_share_the_work() {
    let world = due_deliveries(4);
    world.home.fetch().script(DEFAULT, [Reply::status(200, "").after(Duration::from_secs(5))]);
    let (left, right) = (world.home.sibling(), world.home.sibling());
    block_on(join_all([&left, &right].map(|home| Box::pin(world.work_once(home)))));
    assert_eq!(world.received().len(), 8, "each delivery once more");
    world.assert_promises("two workers");
}

/// Each delivery under way holds a payload: a mail for many targets does not hold one for each of them at once.
#[test]
fn a_mail_for_many_targets_is_sent_to_a_few_at_a_time() {
    let world = World::with(&[]);
    let target = |n: usize| format!("https://hooks.receiver.tld/{n}");
    let rules_for_all: Vec<_> = (0..10).map(|n| rule(&n.to_string(), "Hello", to(&target(n)))).collect();
    (0..10).for_each(|n| world.home.fetch().script(&target(n), [Reply::status(200, "")]));
    world.configure(DocumentKey::RoutingRules, rules(&rules_for_all));
    world.push(mail("Hello", LINK)).unwrap();
    let process = world.lease(1).remove(0);
    let nudges = world.home.queue().nudges();
    block_on(run(&world.home, process));
    assert_eq!(
        (world.received().len(), world.home.queue().nudges()),
        (4, nudges + 1),
        "the others are due, and said so"
    );
    world.work();
    assert_eq!((world.received().len(), world.state().0), (10, MailState::Delivered));
}
