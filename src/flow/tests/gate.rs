//! The gate that every attempt passes: decision 10.

use super::world::{paris, rule, rules};
use super::*;
use crate::config::DocumentKey;
use crate::ledger::{MailState, Pass, Release, Selection};
use crate::memory::Reply;
use crate::ports::{Home, Ledger};
use futures_executor::block_on;
use serde_json::json;

fn absence(world: &World, days: &[&str]) {
    world.webhook(json!({"absence_pause_enabled": true, "absence_pause_days": days}));
}

/// A mail that was taken and whose first delivery failed.
fn retrying() -> World {
    let world = World::new().at(paris(12, 0));
    world.home.fetch().script(super::world::DEFAULT, [Reply::status(503, ""), Reply::status(200, "")]);
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    assert_eq!(world.state().0, MailState::Retrying);
    world
}

fn send_now(world: &World) -> u64 {
    let release = Release { which: Selection::Mail(world.life().mail.id), pass: Pass::SendNow };
    block_on(world.home.ledger().release(release)).unwrap()
}

/// The gate closes between two attempts: no attempt is used, nothing is sent, and the schedule goes on where it was.
#[test]
fn a_closed_gate_uses_no_attempt() {
    for (name, close, reason) in [
        ("sending", json!({"webhook_sending_enabled": false}), "sending_disabled"),
        ("absence", json!({"absence_pause_enabled": true, "absence_pause_days": ["friday"]}), "absence_day"),
    ] {
        let world = retrying();
        world.webhook(close);
        world.advance(31);
        world.work();
        assert_eq!(world.state(), (MailState::Held, Some(reason.to_owned())), "{name}");
        assert_eq!((world.delivery().attempts.len(), world.received().len()), (1, 1), "{name}");
        world.webhook(json!({}));
        world.go_on();
        assert_eq!(world.state().0, MailState::Delivered, "{name}");
        assert_eq!(world.delivery().attempts.len(), 2, "{name}");
        world.assert_promises(name);
    }
}

#[test]
fn an_absence_day_ends_by_itself() {
    let world = retrying();
    absence(&world, &["friday", "saturday"]);
    world.advance(31);
    world.work();
    assert_eq!(world.life().mail.hold_until, Some(paris(48, 0)), "Sunday, midnight in Paris");
    world.go_on();
    assert_eq!(world.state().0, MailState::Delivered);
    assert!(world.received()[1].at >= paris(48, 0));
}

#[test]
fn send_now_passes_the_absence_day() {
    let world = retrying();
    absence(&world, &["friday"]);
    world.advance(31);
    world.work();
    assert_eq!(send_now(&world), 1);
    world.work();
    assert_eq!(world.state().0, MailState::Delivered);
}

#[test]
fn send_now_passes_the_window() {
    let world = World::new().at(paris(3, 0));
    world.webhook(json!({"webhook_time_start": "09h00", "webhook_time_end": "18h00"}));
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    assert_eq!(world.state().0, MailState::Held);
    assert_eq!(send_now(&world), 1);
    world.work();
    assert_eq!(world.state().0, MailState::Delivered);
}

#[test]
fn send_now_never_passes_a_switch_that_is_off() {
    let world = retrying();
    world.webhook(json!({"webhook_sending_enabled": false}));
    world.advance(31);
    world.work();
    assert_eq!(send_now(&world), 1);
    world.work();
    assert_eq!(world.state(), (MailState::Held, Some("sending_disabled".to_owned())));
    assert_eq!(world.received().len(), 1);
}

#[test]
fn a_rule_holds_until_somebody_sends_or_its_hours_are_over() {
    let hold = |hours: serde_json::Value| {
        let world = World::new();
        let mut actions = super::world::to("https://hooks.receiver.tld/a");
        actions["hold"] = json!(true);
        actions["hold_hours"] = hours;
        world.home.fetch().script("https://hooks.receiver.tld/a", [Reply::status(200, "")]);
        world.configure(DocumentKey::RoutingRules, rules(&[rule("1", "hello", actions)]));
        world.push(mail("Hello", LINK)).unwrap();
        world.work();
        assert_eq!(world.state(), (MailState::Held, Some("by_rule".to_owned())));
        world
    };
    let for_ever = hold(json!(null));
    for_ever.go_on();
    assert_eq!((for_ever.state().0, for_ever.next_due()), (MailState::Held, None));
    assert_eq!(send_now(&for_ever), 1);
    for_ever.go_on();
    assert_eq!(for_ever.received().len(), 2);

    let two_hours = hold(json!(2));
    let taken = two_hours.life().mail.accepted_at;
    two_hours.go_on();
    assert_eq!(two_hours.state().0, MailState::Delivered);
    assert_eq!(two_hours.received()[0].at.since(taken).as_secs(), 7200);
}
