//! Taking a mail, and what the client is told.

use super::*;
use crate::calendar::Timestamp;
use crate::config::DocumentKey;
use crate::flow::{IngestError, Ingested};
use crate::ledger::{MailState, RefusalReason, SkipReason};
use crate::memory::{Call, Fault, Side};
use crate::ports::{Home, Queue};
use futures_executor::block_on;
use serde_json::json;

#[test]
fn a_new_mail_is_queued_and_somebody_is_woken() {
    let world = World::new();
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::Queued));
    assert_eq!((world.state().0, world.home.queue().nudges()), (MailState::Queued, 1));
    assert_eq!(world.home.sibling().queue().nudges(), 1, "siblings share their ports");
    block_on(world.home.queue().nudge());
}

/// Decision 2.
#[test]
fn a_repeat_is_processing_before_its_end_and_processed_after() {
    let world = World::new();
    world.push(mail("Hello", LINK)).unwrap();
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::AlreadyProcessing));
    world.work();
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::AlreadyProcessed));
    assert_eq!(world.lives().len(), 1);
}

/// Decision 2: what is the same mail, and what is not.
#[test]
fn identity() {
    let with = |id: Option<&str>, body: &str| {
        let mut mail = mail("Hello", body);
        mail.message_id = id.map(str::to_owned);
        mail
    };
    let new = Ok(Ingested::Queued);
    let known = Ok(Ingested::AlreadyProcessing);
    let table = [
        ("same id, other body", with(Some("1"), "a"), with(Some("1"), "b"), &known),
        ("other id, same content", with(Some("1"), "a"), with(Some("2"), "a"), &new),
        ("content without an id is learnt", with(None, "a"), with(Some("2"), "a"), &known),
        ("content of a mail with an id", with(Some("1"), "a"), with(None, "a"), &known),
        ("other content, no id", with(None, "a"), with(None, "b"), &new),
    ];
    for (name, first, second, expected) in table {
        let world = World::new();
        world.push(first).unwrap();
        assert_eq!(&world.push(second), expected, "{name}");
    }
    let world = World::new();
    world.push(with(None, "a")).unwrap();
    world.push(with(Some("2"), "a")).unwrap();
    assert_eq!(world.life().message_id.as_deref(), Some("2"));
    assert_eq!(world.push(with(Some("3"), "a")), new, "learnt, the content answers for no other id");
}

#[test]
fn claims_last_thirty_days_from_the_end() {
    let world = World::new();
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    world.advance(30 * 86_400 - 1);
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::AlreadyProcessed));
    world.advance(1);
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::Queued));
}

#[test]
fn without_dedup_every_push_is_a_mail() {
    let world = World::new();
    world.configure(DocumentKey::RuntimeFlags, json!({"disable_email_id_dedup": true}));
    for _ in 0..2 {
        assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::Queued));
    }
    assert_eq!(world.lives().len(), 2);
}

#[test]
fn a_sender_who_is_not_on_the_list_is_on_record() {
    let world = World::with(&[("GMAIL_SENDER_ALLOWLIST", "boss@client.example")]);
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::Skipped(SkipReason::SenderNotAllowed)));
    assert_eq!(world.state(), (MailState::Skipped, Some("sender_not_allowed".to_owned())));
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::AlreadyProcessed));
}

/// Decision 11.
#[test]
fn a_closed_day_leaves_the_mail_with_its_client_unless_it_is_known() {
    let refused = Ok(Ingested::Refused(RefusalReason::SendingDisabled));
    for closed in [
        json!({"webhook_sending_enabled": false}),
        json!({"absence_pause_enabled": true, "absence_pause_days": ["friday"]}),
    ] {
        let world = World::new();
        world.push(mail("known", LINK)).unwrap();
        world.webhook(closed);
        assert_eq!(world.push(mail("Hello", LINK)), refused);
        assert_eq!(world.push(mail("known", LINK)), Ok(Ingested::AlreadyProcessing));
        assert_eq!(world.lives().len(), 1);
    }
}

/// 23:30 UTC on Friday is Saturday in Paris.
#[test]
fn the_absence_day_is_of_the_configured_zone() {
    for (zone, refused) in [("Europe/Paris", false), ("UTC", true)] {
        let world = World::with(&[("WEBHOOK_URL", super::world::DEFAULT), ("POLLING_TIMEZONE", zone)]);
        let world = world.at(Timestamp::from_millis(1_775_863_800_000));
        world.webhook(json!({"absence_pause_enabled": true, "absence_pause_days": ["friday"]}));
        let answer = world.push(mail("Hello", LINK)).unwrap();
        assert_eq!(matches!(answer, Ingested::Refused(_)), refused, "{zone}");
    }
}

#[test]
fn an_intake_that_is_switched_on_again_takes_at_once() {
    let world = World::new();
    world.configure(DocumentKey::RuntimeFlags, json!({"gmail_ingress_enabled": false}));
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::Refused(RefusalReason::IngressDisabled)));
    world.configure(DocumentKey::RuntimeFlags, json!({"gmail_ingress_enabled": true}));
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::Queued), "no time has passed");
}

/// Decision 25: a decision made with an older configuration is made again.
#[test]
fn a_decision_under_an_older_configuration_is_made_again() {
    let world = World::new();
    world.push(mail("first", LINK)).unwrap();
    // The process keeps its reading for half a minute; somebody switches sending off meanwhile.
    world.webhook(json!({"webhook_sending_enabled": false}));
    world.home.faults().clear();
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::Refused(RefusalReason::SendingDisabled)));
    assert_eq!(world.home.faults().calls(), [Call::Admit, Call::LoadConfig, Call::Admit]);
}

/// The primary of the documents is lost: what was published holds, as long as the ledger knows nothing newer.
#[test]
fn under_a_copy_mails_are_taken_unless_the_ledger_knows_better() {
    let world = World::new();
    world.home.config().publish();
    world.home.config().lose_primary();
    assert_eq!(world.push(mail("first", LINK)), Ok(Ingested::Queued));
    world.home.config().find_primary();
    world.webhook(json!({"webhook_sending_enabled": false}));
    world.home.config().lose_primary();
    world.home.faults().clear();
    let error = world.push(mail("Hello", LINK)).unwrap_err();
    assert_eq!(error.code(), "config_unavailable", "the pause is not known to the copy, and nothing passes it by");
    assert_eq!(world.home.faults().calls(), [Call::Admit, Call::LoadConfig], "once: a copy does not grow by asking");
    world.home.config().find_primary();
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::Refused(RefusalReason::SendingDisabled)));
}

/// A ledger that finds every decision too old: its configuration changes before each look.
#[test]
fn a_configuration_that_never_settles_is_an_error() {
    let world = World::new();
    world.home.ledger().change_before_admissions(u64::MAX);
    assert_eq!(world.push(mail("Hello", LINK)), Err(IngestError::Unsettled));
    assert!(world.lives().is_empty());
}

#[test]
fn without_a_configuration_nothing_is_taken() {
    let world = World::new();
    world.home.faults().at_call(Call::LoadConfig, 0, Fault::Fail(Side::Before));
    assert_eq!(world.push(mail("Hello", LINK)).unwrap_err().code(), "config_unavailable");
    world.go_on();
    assert_eq!(world.state().0, MailState::Delivered);
}

#[test]
fn a_ledger_that_does_not_answer_is_an_error_and_the_next_push_is_taken_once() {
    for side in [Side::Before, Side::After] {
        let world = World::new();
        world.home.faults().at_call(Call::Admit, 0, Fault::Fail(side));
        assert_eq!(world.push(mail("Hello", LINK)).unwrap_err().code(), "store_unavailable");
        world.go_on();
        assert_eq!(world.state().0, MailState::Delivered, "{side:?}");
        world.assert_promises("an outage");
    }
}

#[test]
fn a_full_store_takes_nothing_new() {
    let world = World::new();
    world.push(mail("Hello", LINK)).unwrap();
    world.home.ledger().limit_to(Some(10));
    assert_eq!(world.push(mail("other", LINK)).unwrap_err().code(), "store_full");
    assert_eq!(world.push(mail("Hello", LINK)), Ok(Ingested::AlreadyProcessing));
}

#[test]
fn one_mail_of_a_subject_group_a_month() {
    let settings = [("WEBHOOK_URL", super::world::DEFAULT), ("ENABLE_SUBJECT_GROUP_DEDUP", "true")];
    let world = World::with(&settings);
    assert_eq!(world.push(mail(JOB, LINK)), Ok(Ingested::Queued));
    let again = format!("Re: {JOB}");
    assert_eq!(world.push(mail(&again, LINK)), Ok(Ingested::Skipped(SkipReason::SubjectGroup)));
    world.go_on();
    assert_eq!(world.received().len(), 1);
    world.assert_promises("groups");
}
