//! Letting held work go.

use super::bench::{ALL, Bench, HOUR, LEASE_ENDS, MILLISECOND, MINUTE, deliver};
use super::{Subject, promises};
use crate::ledger::{HoldReason, LeaseRequest, MailState, Next, Pass, Plan, Report, Selection, Work};
use crate::ports::Ledger;
use crate::rules::Priority;

promises!("holds":
    a_mail_is_released_as_a_whole,
    a_release_says_how_it_was_done,
    what_a_person_said_stands,
    the_deliveries_of_a_mail_are_released,
    a_release_before_its_time_comes_first,
    a_reason_releases_what_was_held_before,
    a_reason_releases_what_was_held_before_the_clock_was_set_back,
    a_reason_releases_no_other,
    a_target_is_enabled_again_by_its_release,
    a_release_said_twice_does_nothing_more,
    nothing_held_is_nothing_released,
    released_work_is_done_once,
);

async fn a_mail_is_released_as_a_whole<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.held(HoldReason::NoTarget, None).await;
    let other = bench.held(HoldReason::NoTarget, None).await;
    assert_eq!(bench.release(Selection::Mail(mail.clone()), Pass::Due).await, 1);
    assert_eq!((bench.state(&mail).await, bench.state(&other).await), (MailState::Queued, MailState::Held));
    let lease = bench.lease_one().await;
    assert_eq!((&lease.mail.id, &lease.work), (&mail, &Work::Process));
}

async fn a_release_says_how_it_was_done<S: Subject>(bench: &Bench<'_, S>) {
    for pass in [Pass::Due, Pass::SendNow] {
        let mail = bench.held(HoldReason::ByRule, None).await;
        bench.release(Selection::Mail(mail.clone()), pass).await;
        let lease = bench.lease_one().await;
        assert_eq!(lease.mail.released, Some(pass));
        let jobs = bench.planned(&lease.token, deliver(&mail, &[("a", Priority::Normal)]), ALL).await;
        assert_eq!(jobs[0].1.released, Some(pass), "its deliveries were let go the same way");
    }
}

async fn what_a_person_said_stands<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.held(HoldReason::ByRule, None).await;
    bench.release(Selection::Mail(mail.clone()), Pass::SendNow).await;
    let lease = bench.lease_one().await;
    let again = Plan::Hold { reason: HoldReason::SendingDisabled, until: None, detector: None };
    bench.planned(&lease.token, again, ALL).await;
    bench.release(Selection::Mail(mail.clone()), Pass::Due).await;
    let lease = bench.lease_one().await;
    assert_eq!(lease.mail.released, Some(Pass::SendNow));
    let jobs = bench.planned(&lease.token, deliver(&mail, &[("a", Priority::Normal)]), ALL).await;
    bench.applied(&jobs[0].0, closed(HoldReason::SendingDisabled)).await;
    bench.release(Selection::Mail(mail), Pass::Due).await;
    let (_, job) = bench.lease_delivery().await;
    assert_eq!(job.released, Some(Pass::SendNow));
}

async fn the_deliveries_of_a_mail_are_released<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, jobs) =
        bench.send(&[("a", Priority::Normal), ("b", Priority::Normal), ("c", Priority::Normal)], ALL).await;
    bench.applied(&jobs[0].0, bench.tried(Next::Delivered)).await;
    for (token, _) in &jobs[1..] {
        bench.applied(token, closed(HoldReason::AbsenceDay)).await;
    }
    assert_eq!(bench.release(Selection::Mail(mail.clone()), Pass::SendNow).await, 2);
    assert_eq!(bench.state(&mail).await, MailState::Delivering);
    let leases = bench.lease(ALL).await;
    for (lease, target) in leases.iter().zip(["b", "c"]) {
        let Work::Deliver(job) = &lease.work else { panic!("deliveries, not their mail") };
        assert_eq!((job.target.as_str(), job.released, job.failures), (target, Some(Pass::SendNow), 0));
    }
    assert_eq!(leases.len(), 2);
}

async fn a_release_before_its_time_comes_first<S: Subject>(bench: &Bench<'_, S>) {
    let until = bench.now().plus(HOUR);
    let mail = bench.held(HoldReason::OutsideWindow, Some(until)).await;
    assert_eq!(bench.release(Selection::Mail(mail.clone()), Pass::SendNow).await, 1);
    let lease = bench.lease_one().await;
    bench.planned(&lease.token, deliver(&mail, &[("a", Priority::Normal)]), ALL).await;
    bench.set_time(until).await;
    let leases = bench.lease(ALL).await;
    assert_eq!(leases.len(), 1, "the delivery, and no second processing");
    assert!(matches!(leases[0].work, Work::Deliver(_)));
}

async fn a_reason_releases_what_was_held_before<S: Subject>(bench: &Bench<'_, S>) {
    let early = bench.held(HoldReason::NoTarget, None).await;
    let (delivery, token, _) = bench.sending("a").await;
    bench.applied(&token, closed(HoldReason::NoTarget)).await;
    bench.wait(MINUTE).await;
    let instant = bench.now();
    let late = bench.held(HoldReason::NoTarget, None).await;
    let which = || Selection::Reason(HoldReason::NoTarget, instant);
    assert_eq!(bench.release(which(), Pass::Due).await, 2);
    assert_eq!(bench.release(which(), Pass::Due).await, 0);
    let states = [bench.state(&early).await, bench.state(&delivery).await, bench.state(&late).await];
    assert_eq!(states, [MailState::Queued, MailState::Delivering, MailState::Held]);
    let after = Selection::Reason(HoldReason::NoTarget, instant.plus(MILLISECOND));
    assert_eq!(bench.release(after, Pass::Due).await, 1);
}

async fn a_reason_releases_what_was_held_before_the_clock_was_set_back<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.held(HoldReason::NoTarget, None).await;
    let (delivery, token, _) = bench.sending("a").await;
    bench.applied(&token, closed(HoldReason::NoTarget)).await;
    bench.set_time(bench.now().minus(MINUTE * 5)).await;
    let which = || Selection::Reason(HoldReason::NoTarget, bench.now());
    assert_eq!(bench.release(which(), Pass::Due).await, 2);
    assert_eq!((bench.state(&mail).await, bench.state(&delivery).await), (MailState::Queued, MailState::Delivering));
    let lease = bench.lease(LeaseRequest { per_target: 0, ..ALL }).await.remove(0);
    let again = Plan::Hold { reason: HoldReason::NoTarget, until: None, detector: None };
    bench.planned(&lease.token, again, ALL).await;
    assert_eq!(bench.release(which(), Pass::Due).await, 0, "what is held anew is held now");
}

async fn a_reason_releases_no_other<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.held(HoldReason::ByRule, None).await;
    let (delivery, token, _) = bench.sending("a").await;
    bench.applied(&token, closed(HoldReason::AbsenceDay)).await;
    let later = bench.now().plus(HOUR);
    for reason in HoldReason::ALL {
        if !matches!(reason, HoldReason::ByRule | HoldReason::AbsenceDay) {
            assert_eq!(bench.release(Selection::Reason(*reason, later), Pass::Due).await, 0, "{reason:?}");
        }
    }
    assert_eq!((bench.state(&mail).await, bench.state(&delivery).await), (MailState::Held, MailState::Held));
}

async fn a_target_is_enabled_again_by_its_release<S: Subject>(bench: &Bench<'_, S>) {
    let gone = bench.sent("a", Next::TargetGone).await;
    let (planned, _) = bench.send(&[("a", Priority::Normal)], ALL).await;
    let elsewhere = bench.sent("b", Next::TargetGone).await;
    assert_eq!(bench.release(Selection::Target("a".to_owned()), Pass::Due).await, 2);
    let disabled = bench.ledger().stats().await.expect("stats").disabled_targets;
    assert_eq!(disabled.into_iter().map(|(target, _)| target).collect::<Vec<_>>(), ["b"]);
    let mut released: Vec<_> = bench.lease(ALL).await.into_iter().map(|lease| lease.mail.id).collect();
    released.sort();
    let mut expected = vec![gone, planned];
    expected.sort();
    assert_eq!(released, expected);
    assert_eq!(bench.state(&elsewhere).await, MailState::Held);
    bench.wait(LEASE_ENDS).await;
    assert_eq!(bench.lease(ALL).await.len(), 2, "they are not held again");
}

async fn a_release_said_twice_does_nothing_more<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.held(HoldReason::NoTarget, None).await;
    let again = || Selection::Mail(mail.clone());
    assert_eq!(bench.release(again(), Pass::Due).await, 1);
    assert_eq!(bench.release(again(), Pass::Due).await, 0);
    let lease = bench.lease_one().await;
    assert_eq!(bench.release(again(), Pass::Due).await, 0);
    assert_eq!(bench.ledger().renew(&lease.token).await, Ok(true), "the work under way is left alone");
}

async fn nothing_held_is_nothing_released<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Delivered).await;
    let before = bench.life(&mail).await;
    let selections = [
        Selection::Mail(mail.clone()),
        Selection::Mail(bench.mail(None, "never taken").id),
        Selection::Reason(HoldReason::NoTarget, bench.now().plus(HOUR)),
        Selection::Target("a".to_owned()),
    ];
    for which in selections {
        assert_eq!(bench.release(which.clone(), Pass::SendNow).await, 0, "{which:?}");
    }
    assert_eq!(bench.life(&mail).await, before);
}

async fn released_work_is_done_once<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    bench.applied(&token, closed(HoldReason::SendingDisabled)).await;
    assert_eq!(bench.record(&token, bench.tried(Next::Failed)).await, crate::ledger::Recorded::Stale);
    bench.release(Selection::Mail(mail.clone()), Pass::Due).await;
    let (token, _) = bench.lease_delivery().await;
    bench.applied(&token, bench.tried(Next::Delivered)).await;
    bench.wait(HOUR).await;
    assert!(bench.is_idle().await);
    assert_eq!(bench.release(Selection::Mail(mail), Pass::SendNow).await, 0);
}

/// The gate was closed: no try.
fn closed(reason: HoldReason) -> Report {
    Report { attempt: None, next: Next::Hold { reason, until: None } }
}
