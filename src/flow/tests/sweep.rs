//! The regular round.

use super::world::DEFAULT;
use super::*;
use crate::flow::{Round, sweep};
use crate::ledger::MailState;
use crate::memory::{Call, Reply};
use crate::ports::{Home, Ledger};
use futures_executor::block_on;
use serde_json::json;

/// A process that has not heard of the new configuration holds a mail for a cause that is gone.
#[test]
fn what_a_late_reader_holds_is_let_go_too() {
    let world = World::with(&[]);
    let late = world.home.sibling();
    block_on(world.work_once(&late));
    world.sweep();
    world.webhook(json!({"webhook_url": DEFAULT}));
    world.sweep();
    world.push(mail("Hello", LINK)).unwrap();
    block_on(world.work_once(&late));
    assert_eq!(world.state(), (MailState::Held, Some("no_target".to_owned())), "its reading is not 30 s old");
    for _ in 0..3 {
        world.advance(60);
        world.sweep();
    }
    world.work();
    assert_eq!(world.state().0, MailState::Delivered);
}

/// Looking again costs every held mail a decision, so it is done when there is reason to.
#[test]
fn a_settled_configuration_is_not_looked_at_again() {
    let world = World::with(&[]);
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    for _ in 0..4 {
        world.advance(60);
        world.sweep();
        world.work();
    }
    let (events, nudges) = (world.life().events.len(), world.home.queue().nudges());
    for _ in 0..100 {
        world.advance(60);
        world.sweep();
        world.work();
    }
    assert_eq!((world.life().events.len(), world.home.queue().nudges()), (events, nudges));
}

/// Decision 23.
#[test]
fn bodies_go_after_seven_days_and_records_after_thirty() {
    let world = World::new();
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    let used = |world: &World| block_on(world.home.ledger().fullness()).unwrap().used;
    world.advance(7 * 86_400 - 1);
    world.sweep();
    assert!(used(&world) > 0);
    world.advance(1);
    world.sweep();
    assert_eq!((used(&world), world.lives().len()), (0, 1));
    world.advance(23 * 86_400);
    world.sweep();
    assert!(world.lives().is_empty());
}

#[test]
fn what_has_not_ended_is_never_removed_for_its_age() {
    let world = World::with(&[]);
    world.push(mail("held", LINK)).unwrap();
    world.work();
    world.advance(400 * 86_400);
    world.sweep();
    world.webhook(json!({"webhook_url": DEFAULT}));
    world.go_on();
    assert_eq!(world.state().0, MailState::Delivered);
    assert_eq!(world.payloads()[0]["email_content"], LINK);
}

#[test]
fn a_dead_letter_is_kept_for_ninety_days_body_and_all() {
    let world = World::new();
    world.home.fetch().script(DEFAULT, [Reply::status(404, ""), Reply::status(200, "")]);
    world.push(mail("dead", LINK)).unwrap();
    world.work();
    world.advance(89 * 86_400);
    world.sweep();
    let id = world.life().mail.id;
    assert_eq!(block_on(world.home.ledger().replay(&id)), Ok(1));
    world.work();
    assert_eq!(world.state().0, MailState::Delivered);
    assert_eq!(world.received()[0].body, world.received()[1].body);
}

/// Decision 23: from 80 % on, the oldest ended bodies go first.
#[test]
fn a_crowded_store_lets_ended_bodies_go_early() {
    let world = World::new();
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    world.home.ledger().limit_to(Some(LINK.len() as u64 * 5 / 4));
    world.sweep();
    assert_eq!(block_on(world.home.ledger().fullness()).unwrap().used, 0);
}

/// A round goes on with the next page, but not for ever.
#[test]
fn retention_takes_page_after_page() {
    let world = World::with(&[("GMAIL_SENDER_ALLOWLIST", "boss@client.example")]);
    for n in 0..250 {
        world.push(mail(&format!("mail {n}"), LINK)).unwrap();
    }
    world.advance(7 * 86_400);
    world.home.faults().clear();
    block_on(sweep(&world.home, None));
    let pages = world.home.faults().calls().into_iter().filter(|call| *call == Call::Sweep).count();
    assert_eq!((pages, block_on(world.home.ledger().fullness()).unwrap().used), (3, 0));
}

#[test]
fn a_round_is_read_as_it_was_written() {
    let text = "12 1775814878000 1";
    assert_eq!(Round::parse(text).map(|round| round.to_string()).as_deref(), Some(text));
    assert!(Round::parse("0 -5 0").is_some());
    for other in ["", "12", "12 7", "12 7 2", "12 7 1 1", "-1 7 1", "x 7 1", "12 x 1", "12  7 1"] {
        assert_eq!(Round::parse(other), None, "{other}");
    }
}
