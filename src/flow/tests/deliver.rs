//! One delivery: what is sent, what an answer leads to, and that every attempt is the same.

use super::world::DEFAULT;
use super::*;
use crate::config::DocumentKey;
use crate::delivery::outcome::SendError;
use crate::ledger::{DeliveryState, MailState};
use crate::memory::{Received, Reply};
use crate::ports::{Home, Ledger};
use core::time::Duration;
use futures_executor::block_on;
use serde_json::json;

/// A mail whose receiver answers so.
fn answered(replies: impl IntoIterator<Item = Reply>) -> World {
    let world = World::new();
    world.home.fetch().script(DEFAULT, replies);
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    world
}

fn codes(world: &World) -> Vec<String> {
    world.delivery().attempts.into_iter().map(|attempt| attempt.attempt.code).collect()
}

fn ids(received: &[Received]) -> Vec<&str> {
    received.iter().map(|request| request.header("webhook-id").unwrap()).collect()
}

#[test]
fn an_answer_leads_to_a_state() {
    let table = [
        (Reply::status(200, ""), MailState::Delivered, "delivered"),
        (Reply::status(204, ""), MailState::Delivered, "delivered"),
        (Reply::status(200, r#"{"success":false}"#), MailState::Failed, "remote_application_error"),
        (Reply::status(302, ""), MailState::Failed, "redirect_refused"),
        (Reply::status(404, ""), MailState::Failed, "upstream_client_error"),
        (Reply::status(408, ""), MailState::Retrying, "upstream_client_error"),
        (Reply::status(425, ""), MailState::Retrying, "upstream_client_error"),
        (Reply::status(429, ""), MailState::Retrying, "rate_limited"),
        (Reply::status(500, ""), MailState::Retrying, "upstream_server_error"),
        (Reply::error(SendError::Dns), MailState::Retrying, "send_dns"),
        (Reply::error(SendError::Connect), MailState::Retrying, "send_connect"),
        (Reply::status(200, "").after(Duration::from_secs(15)), MailState::Retrying, "send_timeout"),
        (Reply::status(200, "").after(Duration::from_secs(14)), MailState::Delivered, "delivered"),
        (Reply::status(410, ""), MailState::Held, "target_disabled"),
    ];
    for (reply, state, reason) in table {
        let name = format!("{reply:?}");
        let world = answered([reply]);
        assert_eq!(world.state(), (state, Some(reason.to_owned())), "{name}");
    }
}

#[test]
fn an_attempt_is_on_record() {
    let world = answered([Reply::status(500, " so\n sorry ").after(Duration::from_secs(2))]);
    let attempt = world.delivery().attempts.remove(0).attempt;
    assert_eq!((attempt.status, attempt.duration_ms, attempt.snippet.as_deref()), (Some(500), 2000, Some("so sorry")));
    assert_eq!(attempt.modes, ["json"]);
    let sent = world.received()[0].body.clone();
    assert_eq!(attempt.payload_bytes, sent.len() as u64);
    let digest = crate::mail::BodyDigest::of(core::str::from_utf8(&sent).unwrap());
    assert_eq!(attempt.payload_digest, digest.as_str());
}

/// Decisions 15 and 16: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, each ±20 %, then the dead letter.
#[test]
fn the_schedule_until_the_dead_letter() {
    let world = answered([Reply::status(503, "")]);
    world.go_on();
    assert_eq!(world.state(), (MailState::Failed, Some("upstream_server_error".to_owned())));
    let at: Vec<_> = world.received().iter().map(|request| request.at).collect();
    let waits: Vec<_> = at.windows(2).map(|pair| pair[1].since(pair[0]).as_secs_f64()).collect();
    let hours = |hours: f64| hours * 3600.0;
    let expected = [5.0, 300.0, 1800.0, hours(2.0), hours(5.0), hours(10.0), hours(14.0), hours(20.0), hours(24.0)];
    assert_eq!(waits.len(), expected.len());
    for (wait, expected) in waits.iter().zip(expected) {
        assert!((wait / expected - 1.0).abs() <= 0.2, "{wait} for {expected}");
    }
    assert!(waits.iter().zip(expected).any(|(wait, expected)| (wait / expected - 1.0).abs() > 0.01), "no jitter");
    world.assert_promises("a dead letter");
}

#[test]
fn what_the_receiver_asks_for_is_granted() {
    let world = answered([Reply::status(503, "").retry_after("3600"), Reply::status(200, "")]);
    world.go_on();
    let received = world.received();
    assert_eq!(received[1].at.since(received[0].at).as_secs(), 3600);
}

#[test]
fn a_415_is_answered_with_the_other_media_type_at_once() {
    let types = |world: &World| {
        let received = world.received();
        received.iter().map(|request| request.header("content-type").unwrap().to_owned()).collect::<Vec<_>>()
    };
    let world = answered([Reply::status(415, ""), Reply::status(200, "")]);
    assert_eq!(types(&world), ["application/json", "application/x-www-form-urlencoded"]);
    assert_eq!(world.received()[0].at, world.received()[1].at);
    assert_eq!(
        (world.delivery().attempts[0].attempt.modes.clone(), world.delivery().attempts.len()),
        (vec!["json".into(), "form".into()], 1)
    );
    world.assert_promises("415");

    let twice = answered([Reply::status(415, "")]);
    assert_eq!(twice.state(), (MailState::Failed, Some("unsupported_media_type".to_owned())));
    assert_eq!(twice.received().len(), 2);

    let off = World::new();
    off.webhook(json!({"webhook_fallback_on_415": false}));
    off.home.fetch().script(DEFAULT, [Reply::status(415, "")]);
    off.push(mail("Hello", LINK)).unwrap();
    off.work();
    assert_eq!((off.received().len(), off.state().0), (1, MailState::Failed));
}

/// Decision 13: whatever is configured meanwhile, an attempt is the attempt before.
#[test]
fn a_retry_is_the_same_bytes_under_the_same_id() {
    let world = World::new();
    world.webhook(json!({"webhook_time_start": "09h00", "webhook_time_end": "18h00"}));
    world.home.fetch().script(DEFAULT, [Reply::status(503, ""), Reply::status(200, "")]);
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    world.webhook(json!({"webhook_time_start": "10h00", "webhook_time_end": "11h00", "webhook_url": "https://hooks.receiver.tld/new"}));
    let new_rule = super::world::rule("1", "hello", super::world::to("https://hooks.receiver.tld/rule"));
    world.configure(DocumentKey::RoutingRules, super::world::rules(&[new_rule]));
    world.go_on();
    let received = world.received();
    assert_eq!(received.len(), 2);
    assert_eq!((&received[0].body, &received[0].url), (&received[1].body, &received[1].url));
    assert_eq!(ids(&received)[0], ids(&received)[1]);
    assert_eq!(world.payloads()[1]["webhooks_time_end"], "18h00");
    world.assert_promises("a retry");
}

#[test]
fn every_attempt_is_signed_anew() {
    let world = answered([Reply::status(503, ""), Reply::status(200, "")]);
    world.go_on();
    let received = world.received();
    let header = |n: usize, name: &str| received[n].header(name).unwrap().to_owned();
    assert_ne!(header(0, "webhook-timestamp"), header(1, "webhook-timestamp"));
    assert_ne!(header(0, "webhook-signature"), header(1, "webhook-signature"));
    assert!(header(0, "webhook-signature").starts_with("v1,"));
}

#[test]
fn a_replay_keeps_the_id_and_the_bytes_and_starts_the_schedule_again() {
    let world = answered([Reply::status(404, ""), Reply::status(503, ""), Reply::status(200, "")]);
    let id = world.life().mail.id;
    assert_eq!(world.state().0, MailState::Failed);
    assert_eq!(block_on(world.home.ledger().replay(&id)), Ok(1));
    assert_eq!(block_on(world.home.ledger().replay(&id)), Ok(0), "asked twice, sent once");
    world.go_on();
    assert_eq!(codes(&world), ["upstream_client_error", "upstream_server_error", "delivered"]);
    let received = world.received();
    assert_eq!(ids(&received)[0], ids(&received)[2]);
    assert_eq!(received[0].body, received[2].body);
    assert_eq!(world.state().0, MailState::Delivered);
}

#[test]
fn a_dismissed_dead_letter_is_never_sent_again() {
    let world = answered([Reply::status(404, "")]);
    let id = world.life().mail.id;
    assert_eq!(block_on(world.home.ledger().dismiss(&id)), Ok(1));
    assert_eq!(world.state().0, MailState::Dismissed);
    assert_eq!(block_on(world.home.ledger().replay(&id)), Ok(0));
    world.go_on();
    assert_eq!(world.received().len(), 1);
}

/// Decision 15: 410 disables the target; what is under way to it waits, until somebody enables it.
#[test]
fn a_receiver_that_is_gone() {
    let world = answered([Reply::status(410, ""), Reply::status(200, "")]);
    world.push(mail("another", LINK)).unwrap();
    world.go_on();
    assert!(world.lives().iter().all(|life| life.mail.state == MailState::Held));
    assert_eq!(world.received().len(), 1);
    let stats = block_on(world.home.ledger().stats()).unwrap();
    let (target, code) = stats.disabled_targets[0].clone();
    assert_eq!(code, "target_gone");
    let release =
        crate::ledger::Release { which: crate::ledger::Selection::Target(target), pass: crate::ledger::Pass::Due };
    assert_eq!(block_on(world.home.ledger().release(release)), Ok(2));
    world.go_on();
    assert!(world.lives().iter().all(|life| life.mail.state == MailState::Delivered));
}

#[test]
fn an_outcome_is_recorded_however_long_the_ledger_takes_to_answer_again() {
    use crate::memory::{Call, Fault, Side};
    for side in [Side::Before, Side::After] {
        let world = World::new();
        world.push(mail("Hello", LINK)).unwrap();
        for n in 0..4 {
            world.home.faults().at_call(Call::Record, n, Fault::Fail(side));
        }
        world.work();
        assert_eq!(world.state().0, MailState::Delivered, "{side:?}");
        assert_eq!(world.received().len(), 1, "{side:?}");
        assert_eq!(codes(&world), ["delivered"], "one try is one attempt, however often it is reported");
        let delivered = world.life().events.iter().filter(|event| event.kind == "attempt").count();
        assert_eq!((delivered, world.delivery().state), (1, DeliveryState::Delivered));
    }
}
