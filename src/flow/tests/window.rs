//! When a mail is sent, and what its receiver is told of the window: the contract's table, row by row, through `decide`.

use super::world::paris;
use super::*;
use crate::calendar::Timestamp;
use crate::config::DocumentKey;
use crate::flow::{Decision, Destination, Fate, decide};
use crate::ledger::{HoldReason, Pass, Plan, SkipReason, StoredMail};
use crate::mail::{EmailId, MailId, Source};
use core::time::Duration;
use serde_json::json;

fn stored(subject: &str, body: &str, accepted_at: Timestamp, released: Option<Pass>) -> StoredMail {
    let mail = mail(subject, body);
    StoredMail {
        id: MailId::new(accepted_at, 7),
        email_id: EmailId::of(&mail.subject, &mail.sender_email, &mail.date),
        mail,
        source: Source::GmailPush,
        accepted_at,
        released,
    }
}

fn window(start: &str, end: &str) -> World {
    let world = World::new();
    world.webhook(json!({"webhook_time_start": start, "webhook_time_end": end}));
    world
}

/// What becomes of a mail that is processed for the first time as it is taken.
fn first(world: &World, (subject, body): (&str, &str), at: Timestamp) -> Decision {
    decide(&stored(subject, body, at, None), &world.snapshot(), at)
}

/// The window's fields in the one payload.
fn told(decision: Decision) -> Option<(Option<String>, Option<String>)> {
    match decision.fate {
        Fate::Send(destinations) => {
            let [Destination { facts, .. }] = destinations.as_slice() else { panic!("one destination") };
            Some((facts.webhooks_time_start.clone(), facts.webhooks_time_end.clone()))
        }
        _ => None,
    }
}

#[test]
fn the_table_of_the_contract() {
    let world = window("09h00", "18h00");
    let (neutral, job) = (("Hello", LINK), (JOB, JOB_BODY));
    let (calm, urgent) = (("x", DESABO), ("URGENCE", DESABO));
    let open = (Some("maintenant".to_owned()), Some("18h00".to_owned()));
    for mail in [neutral, job, calm, urgent] {
        assert_eq!(told(first(&world, mail, paris(9, 0))), Some(open.clone()), "{mail:?}, first minute");
        assert_eq!(told(first(&world, mail, paris(17, 59))), Some(open.clone()), "{mail:?}, last minute");
    }
    // Amended by decision 10: neutral and urgent DESABO wait where the predecessor dropped them.
    for mail in [neutral, urgent] {
        let early = Fate::Hold(HoldReason::OutsideWindow, Some(paris(9, 0)));
        assert_eq!(first(&world, mail, paris(8, 59)).fate, early, "{mail:?}");
        let late = Fate::Hold(HoldReason::OutsideWindow, Some(paris(24 + 9, 0)));
        assert_eq!(first(&world, mail, paris(18, 0)).fate, late, "{mail:?}");
    }
    for at in [paris(8, 59), paris(18, 0)] {
        assert_eq!(first(&world, job, at).fate, Fate::Skip(SkipReason::OutsideWindow));
    }
    assert_eq!(told(first(&world, calm, paris(8, 59))), Some((Some("09h00".to_owned()), Some("18h00".to_owned()))));
    assert_eq!(told(first(&world, calm, paris(18, 0))), Some((None, Some("18h00".to_owned()))));
    for (start, end, told_end) in
        [("", "", None), ("9h", "18h00", Some("18h00".to_owned())), ("", "18h00", Some("18h00".to_owned()))]
    {
        let world = window(start, end);
        for mail in [neutral, job, calm, urgent] {
            let expected = Some((None, told_end.clone()));
            assert_eq!(told(first(&world, mail, paris(3, 0))), expected, "{mail:?}: no window in {start}-{end}");
        }
    }
}

#[test]
fn a_window_over_midnight() {
    let world = window("22h00", "02h00");
    assert_eq!(
        told(first(&world, ("x", DESABO), paris(23, 0))),
        Some((Some("maintenant".to_owned()), Some("02h00".to_owned())))
    );
    assert_eq!(
        told(first(&world, ("x", DESABO), paris(1, 0))),
        Some((Some("maintenant".to_owned()), Some("02h00".to_owned())))
    );
    // Before the start, by the clock of the day.
    assert_eq!(
        told(first(&world, ("x", DESABO), paris(10, 0))),
        Some((Some("22h00".to_owned()), Some("02h00".to_owned())))
    );
}

#[test]
fn recadrage_is_held_where_that_is_chosen() {
    let world = window("09h00", "18h00");
    world.configure(DocumentKey::Detectors, json!({"recadrage": {"outside_window": "hold"}}));
    let decision = first(&world, (JOB, JOB_BODY), paris(8, 0));
    assert_eq!(decision.detection.name(), Some("recadrage"));
    assert_eq!(decision.fate, Fate::Hold(HoldReason::OutsideWindow, Some(paris(9, 0))));
}

#[test]
fn a_window_that_never_opens_holds() {
    let world = window("09h00", "09h00");
    assert_eq!(first(&world, ("Hello", LINK), paris(9, 0)).fate, Fate::Hold(HoldReason::WindowNeverOpens, None));
    assert!(told(first(&world, ("x", DESABO), paris(9, 0))).is_some(), "sent at any hour");
}

/// Decision 5.
#[test]
fn the_first_look_is_at_the_moment_of_acceptance() {
    let (world, late) = (window("09h00", "18h00"), paris(17, 59).plus(Duration::from_hours(2)));
    let taken_inside = stored("Hello", LINK, paris(17, 59), None);
    assert!(told(decide(&taken_inside, &world.snapshot(), late)).is_some(), "processed after the window closed");
    let released = stored("Hello", LINK, paris(17, 59), Some(Pass::Due));
    let fate = decide(&released, &world.snapshot(), late).fate;
    assert_eq!(fate, Fate::Hold(HoldReason::OutsideWindow, Some(paris(24 + 9, 0))), "a release looks at its own time");
    let sent_now = stored("Hello", LINK, paris(3, 0), Some(Pass::SendNow));
    assert_eq!(
        told(decide(&sent_now, &world.snapshot(), paris(3, 1))),
        Some((Some("maintenant".to_owned()), Some("18h00".to_owned())))
    );
}

/// Decision 5 again: a time without a date is of the moment of acceptance too.
#[test]
fn detectors_read_the_clock_of_acceptance() {
    let world = World::new();
    let job = stored("URGENCE Média Solution - Missions Recadrage - Lot 42", LINK, paris(12, 30), None);
    let at_once = decide(&job, &world.snapshot(), paris(12, 30));
    assert_eq!(decide(&job, &world.snapshot(), paris(23, 0)), at_once);
    let Fate::Send(destinations) = at_once.fate else { panic!("sent") };
    assert_eq!(destinations[0].facts.delivery_time.as_deref(), Some("13h30"), "an hour from acceptance, in Paris");
}

#[test]
fn a_held_mail_leaves_when_the_window_opens() {
    let world = window("09h00", "18h00").at(paris(8, 0));
    world.push(mail("Hello", LINK)).unwrap();
    world.work();
    assert_eq!(world.state(), (crate::ledger::MailState::Held, Some("outside_time_window".to_owned())));
    assert_eq!(world.life().mail.hold_until, Some(paris(9, 0)));
    world.advance(3599);
    world.work();
    assert!(world.received().is_empty());
    world.advance(1);
    world.work();
    assert_eq!(world.payloads()[0]["webhooks_time_start"], "maintenant");
    assert_eq!(world.state(), (crate::ledger::MailState::Delivered, Some("delivered".to_owned())));
}

/// Deciding again, at another time and with other facts, makes the same deliveries.
#[test]
fn delivery_ids_are_of_the_mail_and_the_target() {
    let world = window("09h00", "18h00");
    let ids = |at, released| {
        let mail = stored("x", DESABO, paris(8, 0), released);
        match decide(&mail, &world.snapshot(), at).into_plan(&mail.id) {
            Plan::Deliver { deliveries, .. } => deliveries.into_iter().map(|it| (it.id, it.facts)).unzip(),
            other => panic!("{other:?}"),
        }
    };
    let (first, early): (Vec<_>, Vec<_>) = ids(paris(8, 0), None);
    let (again, late): (Vec<_>, Vec<_>) = ids(paris(10, 0), Some(Pass::Due));
    assert_eq!(first, again);
    assert_ne!(early, late);
}
