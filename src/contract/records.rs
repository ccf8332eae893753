//! What came of a delivery, and what its mail's state makes of it.

use super::bench::{ALL, Bench, HOUR, MILLISECOND, MINUTE, attempt};
use super::{Subject, promises};
use crate::ledger::{AttemptView, DeliveryState, HoldReason, MailState, Next, Pass, Recorded, Report};
use crate::ports::Ledger;
use crate::rules::Priority;

promises!("records":
    a_success_ends_the_delivery_and_its_mail,
    a_failure_ends_the_delivery_with_its_code,
    a_retry_is_due_at_its_time_and_counts,
    a_closed_gate_uses_no_try,
    a_hold_without_a_time_leaves_the_schedule,
    a_gone_target_is_disabled_and_its_deliveries_wait,
    every_attempt_is_kept_as_it_was,
    a_mail_is_as_far_as_its_slowest_delivery,
    a_report_said_twice_changes_nothing_more,
);

async fn a_success_ends_the_delivery_and_its_mail<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    bench.wait(MILLISECOND).await;
    bench.applied(&token, bench.tried(Next::Delivered)).await;
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.mail.ended_at), (MailState::Delivered, Some(bench.now())));
    let delivery = &life.deliveries[0];
    assert_eq!(
        (delivery.state, delivery.ended_at, delivery.due_at),
        (DeliveryState::Delivered, Some(bench.now()), None)
    );
    bench.wait(HOUR).await;
    assert!(bench.is_idle().await);
}

async fn a_failure_ends_the_delivery_with_its_code<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Failed).await;
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.mail.reason.as_deref()), (MailState::Failed, Some("status_400")));
    assert_eq!((life.mail.ended_at, life.deliveries[0].state), (Some(bench.now()), DeliveryState::Failed));
    bench.wait(HOUR).await;
    assert!(bench.is_idle().await);
}

async fn a_retry_is_due_at_its_time_and_counts<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, mut token, mut job) = bench.sending("a").await;
    for tries in 1..=3 {
        let at = bench.now().plus(MINUTE * tries * 5);
        bench.applied(&token, bench.tried(Next::Retry(at))).await;
        let life = bench.life(&mail).await;
        assert_eq!((life.mail.state, life.mail.reason.as_deref()), (MailState::Retrying, Some("status_503")));
        assert_eq!(life.mail.ended_at, None);
        assert_eq!((life.deliveries[0].state, life.deliveries[0].due_at), (DeliveryState::Retrying, Some(at)));
        bench.set_time(at.minus(MILLISECOND)).await;
        assert!(bench.is_idle().await);
        bench.set_time(at).await;
        let (next, again) = bench.lease_delivery().await;
        assert_eq!((&again.id, again.failures, again.released), (&job.id, tries, None));
        (token, job) = (next, again);
    }
    bench.applied(&token, bench.tried(Next::Delivered)).await;
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.deliveries[0].attempts.len()), (MailState::Delivered, 4));
}

async fn a_closed_gate_uses_no_try<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    let until = bench.now().plus(HOUR);
    let next = Next::Hold { reason: HoldReason::AbsenceDay, until: Some(until) };
    bench.applied(&token, Report { attempt: None, next }).await;
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.mail.reason.as_deref()), (MailState::Held, Some("absence_day")));
    assert_eq!((life.mail.hold_until, life.deliveries[0].attempts.len()), (Some(until), 0));
    bench.set_time(until.minus(MILLISECOND)).await;
    assert!(bench.is_idle().await);
    bench.set_time(until).await;
    let (_, job) = bench.lease_delivery().await;
    assert_eq!((job.failures, job.released), (0, Some(Pass::Due)));
    assert_eq!(bench.state(&mail).await, MailState::Delivering);
}

async fn a_hold_without_a_time_leaves_the_schedule<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    bench.applied(&token, bench.tried(Next::Hold { reason: HoldReason::SendingDisabled, until: None })).await;
    bench.wait(HOUR * 10_000).await;
    let batch = bench.lease_due(ALL).await;
    assert_eq!((batch.leases.len(), batch.next_due), (0, None));
    assert_eq!(bench.state(&mail).await, MailState::Held);
}

async fn a_gone_target_is_disabled_and_its_deliveries_wait<S: Subject>(bench: &Bench<'_, S>) {
    let until = bench.now().plus(HOUR);
    let waiting = bench.sent("a", Next::Retry(until)).await;
    let gone = bench.sent("a", Next::TargetGone).await;
    let life = bench.life(&gone).await;
    assert_eq!((life.mail.state, life.mail.reason.as_deref()), (MailState::Held, Some("target_disabled")));
    assert_eq!(life.deliveries[0].attempts[0].attempt.status, Some(410));
    let disabled = bench.ledger().stats().await.expect("stats").disabled_targets;
    assert_eq!(disabled, [("a".to_owned(), "target_gone".to_owned())]);
    bench.set_time(until).await;
    assert!(bench.is_idle().await);
    assert_eq!(bench.life(&waiting).await.mail.reason.as_deref(), Some("target_disabled"));
}

async fn every_attempt_is_kept_as_it_was<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    let first = attempt(bench.now().minus(MINUTE), "timeout", 504);
    let at = bench.now().plus(MINUTE);
    bench.applied(&token, Report { attempt: Some(first.clone()), next: Next::Retry(at) }).await;
    bench.set_time(at).await;
    let (token, _) = bench.lease_delivery().await;
    let mut second = attempt(bench.now(), "connect", 200);
    (second.status, second.snippet, second.failure_reason, second.modes) = (None, None, None, Vec::new());
    bench.applied(&token, Report { attempt: Some(second.clone()), next: Next::Failed }).await;
    let kept = bench.life(&mail).await.deliveries.remove(0).attempts;
    let shown = [first, second].map(|attempt| AttemptView { attempt, stale: false });
    assert_eq!(kept, shown);
}

async fn a_mail_is_as_far_as_its_slowest_delivery<S: Subject>(bench: &Bench<'_, S>) {
    let later = bench.now().plus(HOUR);
    let held = || Next::Hold { reason: HoldReason::AbsenceDay, until: None };
    let table = [
        (Next::Delivered, Next::Delivered, MailState::Delivered),
        (Next::Delivered, Next::Failed, MailState::Failed),
        (Next::Failed, held(), MailState::Held),
        (held(), Next::Retry(later), MailState::Retrying),
        (Next::Retry(later), Next::Failed, MailState::Retrying),
    ];
    for (first, second, state) in table {
        let (mail, jobs) = bench.send(&[("a", Priority::Normal), ("b", Priority::Normal)], ALL).await;
        let shown = format!("{first:?} and {second:?}");
        let first_state = if matches!(first, Next::Retry(_)) { MailState::Retrying } else { MailState::Delivering };
        bench.applied(&jobs[0].0, bench.tried(first)).await;
        assert_eq!(bench.state(&mail).await, first_state, "{shown}, after the first");
        bench.applied(&jobs[1].0, bench.tried(second)).await;
        let summary = bench.life(&mail).await.mail;
        assert_eq!(summary.state, state, "{shown}");
        assert_eq!(summary.ended_at.is_some(), state.ended(), "{shown}");
    }
}

async fn a_report_said_twice_changes_nothing_more<S: Subject>(bench: &Bench<'_, S>) {
    let at = bench.now().plus(MINUTE);
    for next in [Next::Delivered, Next::Failed, Next::Retry(at)] {
        let (mail, token, _) = bench.sending("a").await;
        bench.applied(&token, bench.tried(next.clone())).await;
        let before = bench.life(&mail).await;
        assert_eq!(bench.record(&token, bench.tried(next)).await, Recorded::Stale);
        let after = bench.life(&mail).await;
        assert_eq!(after.mail, before.mail);
        assert_eq!(after.deliveries[0].attempts.len(), 1, "it is one attempt, whose answer was lost");
        assert_eq!(
            (after.deliveries[0].state, after.deliveries[0].due_at),
            (before.deliveries[0].state, before.deliveries[0].due_at)
        );
    }
    bench.set_time(at).await;
    let (_, job) = bench.lease_delivery().await;
    assert_eq!(job.failures, 1);
}
