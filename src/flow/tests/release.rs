//! Mails without a target: decision 12.

use super::world::DEFAULT;
use super::*;
use crate::ledger::MailState;
use serde_json::json;

#[test]
fn a_mail_without_a_target_leaves_when_one_is_set() {
    let world = World::with(&[]);
    assert_eq!(world.push(mail("Hello", LINK)), Ok(crate::flow::Ingested::Queued));
    world.go_on();
    assert_eq!(world.state(), (MailState::Held, Some("no_target".to_owned())));
    assert_eq!(world.life().mail.hold_until, None);
    world.advance(1);
    world.webhook(json!({"webhook_url": DEFAULT}));
    world.work();
    assert_eq!(world.state().0, MailState::Held, "the round lets it go, not the worker");
    world.sweep();
    world.work();
    assert_eq!(world.state().0, MailState::Delivered);
}

#[test]
fn a_placeholder_is_no_target() {
    let world = World::with(&[]);
    world.webhook(json!({"webhook_url": "https://example.com/hook"}));
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    assert_eq!(world.state(), (MailState::Held, Some("no_target".to_owned())));
    let warned = world.home_lines("config", "target_refused");
    assert_eq!(warned.len(), 1, "said once");
}
