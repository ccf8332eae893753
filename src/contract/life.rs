//! A mail's whole life on record.

use super::bench::{ALL, Bench, MINUTE, deliver};
use super::{Subject, promises};
use crate::ledger::{HoldReason, MailLife, Next, Pass, Selection, SkipReason, Verdict};
use crate::ports::Ledger;
use crate::rules::Priority;

promises!("life":
    every_step_is_an_event_in_its_order,
    a_skip_is_received_and_ended,
    a_hold_and_a_release_are_events,
    the_sequence_grows_over_all_mails,
    a_delivery_leads_to_its_mail,
    a_mail_nobody_took_has_no_life,
);

async fn every_step_is_an_event_in_its_order<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, jobs) = bench.send(&[("a", Priority::Normal), ("b", Priority::Normal)], ALL).await;
    bench.wait(MINUTE).await;
    bench.applied(&jobs[0].0, bench.tried(Next::Delivered)).await;
    bench.wait(MINUTE).await;
    bench.applied(&jobs[1].0, bench.tried(Next::Retry(bench.now()))).await;
    let (token, _) = bench.lease_delivery().await;
    bench.applied(&token, bench.tried(Next::Failed)).await;
    let life = bench.life(&mail).await;
    let ids: Vec<_> = life.deliveries.iter().map(|delivery| Some(delivery.id.clone())).collect();
    let steps: Vec<_> =
        life.events.iter().map(|event| (event.kind.as_str(), event.code.as_str(), event.delivery.clone())).collect();
    let expected = [
        ("received", "gmail_push", None),
        ("planned", "deliveries_decided", None),
        ("attempt", "delivered", ids[0].clone()),
        ("ended", "delivered", ids[0].clone()),
        ("attempt", "status_503", ids[1].clone()),
        ("attempt", "status_400", ids[1].clone()),
        ("ended", "status_400", ids[1].clone()),
    ];
    assert_eq!(steps, expected);
    assert!(life.events.windows(2).all(|pair| pair[0].seq < pair[1].seq && pair[0].at <= pair[1].at));
    assert_eq!(life.events.last().expect("an event").at, bench.now());
}

async fn a_skip_is_received_and_ended<S: Subject>(bench: &Bench<'_, S>) {
    let new = bench.mail(None, "x");
    let id = new.id.clone();
    bench.admit_as(new, Verdict::Skip(SkipReason::NoLinks)).await;
    assert_eq!(steps(&bench.life(&id).await), ["received gmail_push", "ended no_links"]);
}

async fn a_hold_and_a_release_are_events<S: Subject>(bench: &Bench<'_, S>) {
    let until = bench.now().plus(MINUTE);
    let mail = bench.held(HoldReason::OutsideWindow, Some(until)).await;
    bench.set_time(until).await;
    let lease = bench.lease_one().await;
    let (token, _) = bench.planned(&lease.token, deliver(&mail, &[("a", Priority::Normal)]), ALL).await.remove(0);
    let hold = Next::Hold { reason: HoldReason::AbsenceDay, until: None };
    bench.applied(&token, crate::ledger::Report { attempt: None, next: hold }).await;
    bench.release(Selection::Mail(mail.clone()), Pass::SendNow).await;
    let expected = [
        "received gmail_push",
        "held outside_time_window",
        "released due",
        "planned deliveries_decided",
        "held absence_day",
        "released send_now",
    ];
    assert_eq!(steps(&bench.life(&mail).await), expected);
}

async fn the_sequence_grows_over_all_mails<S: Subject>(bench: &Bench<'_, S>) {
    let first = bench.take_any().await;
    let second = bench.take_any().await;
    let seq = |life: MailLife| life.events[0].seq;
    let (first, second) = (seq(bench.life(&first).await), seq(bench.life(&second).await));
    assert!(first < second);
}

async fn a_delivery_leads_to_its_mail<S: Subject>(bench: &Bench<'_, S>) {
    bench.sent("a", Next::Delivered).await;
    let (mail, _, job) = bench.sending("a").await;
    let life = bench.ledger().life_of_delivery(&job.id).await.expect("life");
    assert_eq!(life, Some(bench.life(&mail).await));
}

async fn a_mail_nobody_took_has_no_life<S: Subject>(bench: &Bench<'_, S>) {
    bench.take_any().await;
    let unknown = bench.mail(None, "x").id;
    assert_eq!(bench.ledger().life(&unknown).await, Ok(None));
}

fn steps(life: &MailLife) -> Vec<String> {
    life.events.iter().map(|event| format!("{} {}", event.kind, event.code)).collect()
}
