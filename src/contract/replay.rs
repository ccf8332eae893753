//! Dead letters: sending them again, or closing them.

use super::bench::{ALL, Bench, HOUR, MINUTE, days};
use super::{Subject, promises};
use crate::ledger::{DeliveryState, HoldReason, MailFilter, MailState, Next, Pass, Retention, Selection};
use crate::ports::Ledger;
use crate::rules::Priority;

promises!("replay":
    a_dead_letter_is_sent_again_under_its_own_id,
    only_what_failed_is_sent_again,
    a_replay_said_twice_does_nothing_more,
    what_has_not_failed_is_not_replayed_or_dismissed,
    a_dismissed_dead_letter_is_closed_for_good,
    a_dead_letter_without_its_body_is_closed_not_sent,
    only_what_failed_is_dismissed,
    a_mail_that_waits_can_be_closed_for_good,
    a_delivery_that_waits_can_be_closed_for_good,
    a_dead_letter_beside_a_delivery_that_waits_is_found,
    a_replay_to_a_disabled_target_waits,
    a_mail_nobody_took_is_not_replayed,
);

async fn a_dead_letter_is_sent_again_under_its_own_id<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, job) = bench.sending("a").await;
    let at = bench.now().plus(MINUTE);
    bench.applied(&token, bench.tried(Next::Retry(at))).await;
    bench.set_time(at).await;
    let (token, _) = bench.lease_delivery().await;
    bench.applied(&token, bench.tried(Next::Failed)).await;
    bench.wait(HOUR).await;
    assert_eq!(bench.ledger().replay(&mail).await, Ok(1));
    let summary = bench.life(&mail).await.mail;
    assert_eq!((summary.state, summary.ended_at), (MailState::Delivering, None));
    let lease = bench.lease_one().await;
    let crate::ledger::Work::Deliver(again) = &lease.work else { panic!("a delivery") };
    assert_eq!((&again.id, &again.facts, &again.url), (&job.id, &job.facts, &job.url));
    assert_eq!(again.failures, 0, "it has its whole schedule again");
    assert_eq!(lease.mail.mail.body, "any 0");
    bench.applied(&lease.token, bench.tried(Next::Delivered)).await;
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.mail.ended_at), (MailState::Delivered, Some(bench.now())));
    assert_eq!(life.deliveries[0].attempts.len(), 3, "its former attempts stay on record");
}

async fn only_what_failed_is_sent_again<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, jobs) = bench.send(&[("a", Priority::Normal), ("b", Priority::Normal)], ALL).await;
    bench.applied(&jobs[0].0, bench.tried(Next::Delivered)).await;
    bench.applied(&jobs[1].0, bench.tried(Next::Failed)).await;
    assert_eq!(bench.ledger().replay(&mail).await, Ok(1));
    let (_, job) = bench.lease_delivery().await;
    assert_eq!(job.target, "b");
}

async fn a_replay_said_twice_does_nothing_more<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Failed).await;
    assert_eq!(bench.ledger().replay(&mail).await, Ok(1));
    assert_eq!(bench.ledger().replay(&mail).await, Ok(0));
    bench.lease_delivery().await;
}

async fn what_has_not_failed_is_not_replayed_or_dismissed<S: Subject>(bench: &Bench<'_, S>) {
    let later = bench.now().plus(HOUR);
    for next in [Next::Delivered, Next::Retry(later)] {
        let target = format!("{next:?}");
        let mail = bench.sent(&target, next).await;
        let before = bench.life(&mail).await;
        assert_eq!(bench.ledger().replay(&mail).await, Ok(0), "{target}");
        assert_eq!(bench.ledger().dismiss(&mail).await, Ok(0), "{target}");
        assert_eq!(bench.life(&mail).await, before);
    }
}

async fn a_dismissed_dead_letter_is_closed_for_good<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Failed).await;
    bench.wait(HOUR).await;
    assert_eq!(bench.ledger().dismiss(&mail).await, Ok(1));
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.mail.ended_at), (MailState::Dismissed, Some(bench.now())));
    assert_eq!(life.deliveries[0].state, DeliveryState::Dismissed);
    assert_eq!(bench.ledger().replay(&mail).await, Ok(0));
    assert_eq!(bench.ledger().dismiss(&mail).await, Ok(0));
    assert!(bench.is_idle().await);
}

async fn a_dead_letter_without_its_body_is_closed_not_sent<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Failed).await;
    bench.wait(days(91)).await;
    let retention = Retention { bodies: days(7), records: days(400) };
    assert_eq!(bench.ledger().sweep(&retention).await.expect("sweep").bodies, 1);
    assert_eq!(bench.ledger().replay(&mail).await, Ok(0));
    assert_eq!(bench.ledger().dismiss(&mail).await, Ok(1));
    assert_eq!(bench.state(&mail).await, MailState::Dismissed);
}

async fn only_what_failed_is_dismissed<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, jobs) = bench.send(&[("a", Priority::Normal), ("b", Priority::Normal)], ALL).await;
    bench.applied(&jobs[0].0, bench.tried(Next::Delivered)).await;
    bench.applied(&jobs[1].0, bench.tried(Next::Failed)).await;
    assert_eq!(bench.ledger().dismiss(&mail).await, Ok(1));
    let life = bench.life(&mail).await;
    let states: Vec<_> = life.deliveries.iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [DeliveryState::Delivered, DeliveryState::Dismissed]);
    assert_eq!(life.mail.state, MailState::Delivered);
}

async fn a_replay_to_a_disabled_target_waits<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Failed).await;
    bench.sent("a", Next::TargetGone).await;
    assert_eq!(bench.ledger().replay(&mail).await, Ok(1));
    assert!(bench.is_idle().await);
    assert_eq!(bench.life(&mail).await.mail.reason.as_deref(), Some("target_disabled"));
}

async fn a_mail_nobody_took_is_not_replayed<S: Subject>(bench: &Bench<'_, S>) {
    let unknown = bench.mail(None, "x").id;
    assert_eq!(bench.ledger().replay(&unknown).await, Ok(0));
    assert_eq!(bench.ledger().dismiss(&unknown).await, Ok(0));
}

async fn a_mail_that_waits_can_be_closed_for_good<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.held(HoldReason::ByRule, Some(bench.now().plus(HOUR))).await;
    assert_eq!(bench.ledger().dismiss(&mail).await, Ok(1));
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.mail.ended_at), (MailState::Dismissed, Some(bench.now())));
    bench.wait(HOUR).await;
    assert!(bench.is_idle().await);
    assert_eq!(bench.release(Selection::Mail(mail), Pass::SendNow).await, 0);
}

async fn a_delivery_that_waits_can_be_closed_for_good<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::TargetGone).await;
    assert_eq!(bench.ledger().dismiss(&mail).await, Ok(1));
    assert_eq!(bench.state(&mail).await, MailState::Dismissed);
    assert_eq!(bench.release(Selection::Target("a".to_owned()), Pass::Due).await, 0);
    assert!(bench.is_idle().await);
}

async fn a_dead_letter_beside_a_delivery_that_waits_is_found<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, jobs) = bench.send(&[("a", Priority::Normal), ("b", Priority::Normal)], ALL).await;
    bench.applied(&jobs[0].0, bench.tried(Next::Failed)).await;
    bench.applied(&jobs[1].0, bench.tried(Next::TargetGone)).await;
    assert_eq!(bench.state(&mail).await, MailState::Held);
    let subject = bench.life(&mail).await.mail.subject;
    for text in [None, Some(subject)] {
        let filter = MailFilter { state: Some(MailState::Failed), text, limit: 10, ..MailFilter::default() };
        let found = bench.ledger().list(&filter).await.expect("list").mails;
        assert_eq!(found.iter().map(|found| &found.id).collect::<Vec<_>>(), [&mail], "{filter:?}");
    }
}
