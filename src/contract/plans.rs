//! Ending the processing of a mail.

use super::bench::{ALL, Bench, HOUR, MILLISECOND, MINUTE, NONE, deliver};
use super::{Subject, promises};
use crate::delivery::DeliveryId;
use crate::delivery::payload::Facts;
use crate::ledger::{
    DeliveryState, HoldReason, LEASE_TIME, MailState, NewDelivery, Next, Pass, Plan, Planned, SkipReason, Work,
};
use crate::rules::Priority;

promises!("plans":
    deliveries_are_leased_with_their_plan,
    a_plan_said_twice_makes_no_second_delivery,
    deliveries_left_on_the_schedule_are_due_at_once,
    a_crash_after_the_plan_loses_no_delivery,
    facts_stay_as_they_were_planned,
    a_skip_ends_the_mail_with_its_reason,
    a_hold_waits_until_its_time,
    a_hold_without_a_time_waits_for_ever,
    a_delivery_to_a_disabled_target_is_held,
    a_mail_held_again_keeps_how_it_was_let_go,
);

async fn deliveries_are_leased_with_their_plan<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, jobs) = bench.send(&[("a", Priority::High), ("b", Priority::Low)], ALL).await;
    for ((_, job), (target, priority)) in jobs.iter().zip([("a", Priority::High), ("b", Priority::Low)]) {
        assert_eq!(job.id, DeliveryId::derive(&mail, target, 0));
        assert_eq!((job.target.as_str(), job.priority, job.failures, job.released), (target, priority, 0, None));
        assert_eq!(job.url, format!("https://hooks.example/{target}"));
    }
    assert_eq!(jobs.len(), 2);
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.mail.detector.as_deref()), (MailState::Delivering, Some("recadrage")));
    assert!(bench.is_idle().await, "the mail is processed, its deliveries are leased");
    for (token, _) in &jobs {
        bench.applied(token, bench.tried(Next::Delivered)).await;
    }
    assert_eq!(bench.state(&mail).await, MailState::Delivered);
}

async fn a_plan_said_twice_makes_no_second_delivery<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take_any().await;
    let token = bench.lease_one().await.token;
    let plan = deliver(&mail, &[("a", Priority::Normal), ("b", Priority::Normal)]);
    bench.planned(&token, plan.clone(), NONE).await;
    assert_eq!(bench.plan(&token, plan, ALL).await, Planned::Stale);
    let ids: Vec<_> = bench.life(&mail).await.deliveries.into_iter().map(|delivery| delivery.id).collect();
    assert_eq!(ids, [DeliveryId::derive(&mail, "a", 0), DeliveryId::derive(&mail, "b", 0)]);
    assert_eq!(bench.lease(ALL).await.len(), 2);
}

async fn deliveries_left_on_the_schedule_are_due_at_once<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, jobs) = bench.send(&[("a", Priority::Normal)], NONE).await;
    assert!(jobs.is_empty());
    let lease = bench.lease_one().await;
    assert_eq!((&lease.mail.id, &lease.mail.mail.body), (&mail, &"any 0".to_owned()));
    let Work::Deliver(job) = lease.work else { panic!("a delivery is due") };
    assert_eq!((job.failures, job.released), (0, None));
}

async fn a_crash_after_the_plan_loses_no_delivery<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, _, job) = bench.sending("a").await;
    bench.wait(LEASE_TIME).await;
    let (token, again) = bench.lease_delivery().await;
    assert_eq!(job, again);
    bench.applied(&token, bench.tried(Next::Delivered)).await;
    assert_eq!(bench.state(&mail).await, MailState::Delivered);
}

async fn facts_stay_as_they_were_planned<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take_any().await;
    let lease = bench.lease_one().await;
    let facts = Facts {
        detector: Some("recadrage".to_owned()),
        delivery_time: Some("11h38 « précises »".to_owned()),
        webhooks_time_start: Some("maintenant".to_owned()),
        captures: [("lot".to_owned(), "42 \"'\u{1f600}".to_owned())].into(),
        truncated: true,
        ..Facts::default()
    };
    let delivery = NewDelivery {
        id: DeliveryId::derive(&mail, "a", 0),
        target: "a".to_owned(),
        url: "https://hooks.example/a?x=1&y=%20".to_owned(),
        priority: Priority::Normal,
        facts: facts.clone(),
    };
    let plan = Plan::Deliver { deliveries: vec![delivery], detector: None };
    let (token, job) = bench.planned(&lease.token, plan, ALL).await.remove(0);
    assert_eq!((&job.facts, job.url.as_str()), (&facts, "https://hooks.example/a?x=1&y=%20"));
    bench.applied(&token, bench.tried(Next::Retry(bench.now().plus(HOUR)))).await;
    bench.wait(HOUR).await;
    let (_, again) = bench.lease_delivery().await;
    assert_eq!((again.id, again.facts, again.url), (job.id, facts, job.url));
}

async fn a_skip_ends_the_mail_with_its_reason<S: Subject>(bench: &Bench<'_, S>) {
    for reason in SkipReason::ALL {
        let mail = bench.take_any().await;
        let lease = bench.lease_one().await;
        let plan = Plan::Skip { reason: *reason, detector: Some("recadrage".to_owned()) };
        assert!(bench.planned(&lease.token, plan, ALL).await.is_empty());
        let life = bench.life(&mail).await;
        assert_eq!((life.mail.state, life.mail.reason.as_deref()), (MailState::Skipped, Some(reason.code())));
        assert_eq!((life.mail.detector.as_deref(), life.mail.ended_at), (Some("recadrage"), Some(bench.now())));
        assert!(life.deliveries.is_empty());
    }
    bench.wait(LEASE_TIME).await;
    assert!(bench.is_idle().await);
}

async fn a_hold_waits_until_its_time<S: Subject>(bench: &Bench<'_, S>) {
    let until = bench.now().plus(HOUR * 3);
    let mail = bench.held(HoldReason::OutsideWindow, Some(until)).await;
    let summary = bench.life(&mail).await.mail;
    assert_eq!((summary.state, summary.reason.as_deref()), (MailState::Held, Some("outside_time_window")));
    assert_eq!((summary.hold_until, summary.ended_at), (Some(until), None));
    bench.set_time(until.minus(MILLISECOND)).await;
    assert!(bench.is_idle().await);
    bench.set_time(until).await;
    let lease = bench.lease_one().await;
    assert_eq!((lease.work, lease.mail.released), (Work::Process, Some(Pass::Due)));
    let summary = bench.life(&mail).await.mail;
    assert_eq!((summary.state, summary.reason, summary.hold_until), (MailState::Queued, None, None));
}

async fn a_hold_without_a_time_waits_for_ever<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.held(HoldReason::NoTarget, None).await;
    bench.wait(HOUR * 10_000).await;
    assert!(bench.is_idle().await);
    assert_eq!(bench.state(&mail).await, MailState::Held);
}

async fn a_delivery_to_a_disabled_target_is_held<S: Subject>(bench: &Bench<'_, S>) {
    bench.sent("a", Next::TargetGone).await;
    let (mail, jobs) = bench.send(&[("a", Priority::Normal), ("b", Priority::Normal)], ALL).await;
    assert_eq!(jobs.iter().map(|(_, job)| job.target.as_str()).collect::<Vec<_>>(), ["b"]);
    let life = bench.life(&mail).await;
    let states: Vec<_> = life.deliveries.iter().map(|delivery| (delivery.state, delivery.reason.as_deref())).collect();
    assert_eq!(states, [(DeliveryState::Held, Some("target_disabled")), (DeliveryState::Queued, None)]);
    assert!(bench.is_idle().await);
}

async fn a_mail_held_again_keeps_how_it_was_let_go<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.held(HoldReason::ByRule, None).await;
    bench.release(crate::ledger::Selection::Mail(mail.clone()), Pass::SendNow).await;
    let lease = bench.lease_one().await;
    let until = bench.now().plus(MINUTE);
    let again = Plan::Hold { reason: HoldReason::SendingDisabled, until: Some(until), detector: None };
    bench.planned(&lease.token, again, ALL).await;
    bench.set_time(until).await;
    let lease = bench.lease_one().await;
    assert_eq!(lease.mail.released, Some(Pass::SendNow), "a person said so, whatever came between");
    let (_, job) = bench.planned(&lease.token, deliver(&mail, &[("a", Priority::Normal)]), ALL).await.remove(0);
    assert_eq!(job.released, Some(Pass::SendNow));
}
