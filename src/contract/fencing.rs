//! A holder that lost its lease changes nothing, except that a success is a success.

use super::bench::{ALL, Bench, MINUTE, deliver};
use super::{Subject, promises};
use crate::delivery::DeliveryId;
use crate::ledger::{
    DeliveryState, HoldReason, LEASE_TIME, LeaseToken, MOST_LEASES, MailState, Next, Pass, Plan, Planned, Recorded,
    Selection, SkipReason,
};
use crate::mail::MailId;
use crate::ports::Ledger;
use crate::rules::Priority;

promises!("fencing":
    a_stale_plan_changes_nothing,
    a_lease_that_ran_out_but_was_given_to_nobody_still_plans,
    a_lease_that_ran_out_but_was_given_to_nobody_still_records,
    a_stale_failure_is_kept_as_an_attempt_only,
    a_stale_hold_or_gone_target_changes_no_state,
    a_stale_success_ends_the_delivery,
    after_a_stale_success_the_new_holder_is_the_stale_one,
    a_stale_success_after_the_end_is_an_attempt_only,
    a_stale_holder_cannot_renew,
    a_lease_of_a_delivery_does_not_plan,
    a_lease_of_a_mail_does_not_record,
    a_token_nobody_was_given_does_nothing,
    work_that_nobody_comes_back_from_is_given_up,
    what_was_given_up_can_be_let_go,
);

async fn a_stale_plan_changes_nothing<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take_any().await;
    let stale = bench.lease_one().await.token;
    bench.wait(LEASE_TIME).await;
    let current = bench.lease_one().await.token;
    let before = bench.life(&mail).await;
    let plans = [
        deliver(&mail, &[("a", Priority::Normal)]),
        Plan::Skip { reason: SkipReason::NoLinks, detector: Some("recadrage".to_owned()) },
        Plan::Hold { reason: HoldReason::NoTarget, until: None, detector: None },
    ];
    for plan in plans {
        assert_eq!(bench.plan(&stale, plan, ALL).await, Planned::Stale);
        assert_eq!(bench.life(&mail).await, before);
    }
    assert_eq!(bench.planned(&current, deliver(&mail, &[("b", Priority::Normal)]), ALL).await.len(), 1);
}

async fn a_lease_that_ran_out_but_was_given_to_nobody_still_plans<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take_any().await;
    let lease = bench.lease_one().await;
    bench.wait(LEASE_TIME * 3).await;
    assert_eq!(bench.planned(&lease.token, deliver(&mail, &[("a", Priority::Normal)]), ALL).await.len(), 1);
}

async fn a_lease_that_ran_out_but_was_given_to_nobody_still_records<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    bench.wait(LEASE_TIME * 3).await;
    bench.applied(&token, bench.tried(Next::Failed)).await;
    let life = bench.life(&mail).await;
    assert_eq!(life.mail.state, MailState::Failed);
    assert!(!life.deliveries[0].attempts[0].stale);
}

async fn a_stale_failure_is_kept_as_an_attempt_only<S: Subject>(bench: &Bench<'_, S>) {
    for next in [Next::Failed, Next::Retry(bench.now().plus(MINUTE * 9))] {
        let (mail, stale, current) = two_holders(bench).await;
        assert_eq!(bench.record(&stale, bench.tried(next)).await, Recorded::Stale);
        let life = bench.life(&mail).await;
        assert_eq!((life.mail.state, life.deliveries[0].state), (MailState::Delivering, DeliveryState::Queued));
        assert_eq!(life.deliveries[0].attempts.iter().map(|attempt| attempt.stale).collect::<Vec<_>>(), [true]);
        bench.applied(&current, bench.tried(Next::Delivered)).await;
        assert_eq!(bench.state(&mail).await, MailState::Delivered);
    }
}

async fn a_stale_hold_or_gone_target_changes_no_state<S: Subject>(bench: &Bench<'_, S>) {
    for next in [Next::Hold { reason: HoldReason::AbsenceDay, until: None }, Next::TargetGone] {
        let (mail, stale, current) = two_holders(bench).await;
        assert_eq!(bench.record(&stale, bench.tried(next)).await, Recorded::Stale);
        assert_eq!(bench.state(&mail).await, MailState::Delivering);
        assert!(bench.ledger().stats().await.expect("stats").disabled_targets.is_empty());
        bench.applied(&current, bench.tried(Next::Delivered)).await;
    }
}

async fn a_stale_success_ends_the_delivery<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, stale, _) = two_holders(bench).await;
    assert_eq!(bench.record(&stale, bench.tried(Next::Delivered)).await, Recorded::Stale);
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.deliveries[0].state), (MailState::Delivered, DeliveryState::Delivered));
    assert_eq!(life.mail.ended_at, Some(bench.now()));
    bench.wait(LEASE_TIME).await;
    assert!(bench.is_idle().await);
}

async fn after_a_stale_success_the_new_holder_is_the_stale_one<S: Subject>(bench: &Bench<'_, S>) {
    for next in [Next::Failed, Next::Retry(bench.now().plus(MINUTE)), Next::Delivered] {
        let (mail, stale, current) = two_holders(bench).await;
        bench.record(&stale, bench.tried(Next::Delivered)).await;
        assert_eq!(bench.ledger().renew(&current).await, Ok(false));
        assert_eq!(bench.record(&current, bench.tried(next)).await, Recorded::Stale);
        let life = bench.life(&mail).await;
        assert_eq!(life.mail.state, MailState::Delivered);
        assert_eq!(life.deliveries[0].attempts.len(), 2);
    }
}

async fn a_stale_success_after_the_end_is_an_attempt_only<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, stale, current) = two_holders(bench).await;
    bench.applied(&current, bench.tried(Next::Delivered)).await;
    let ended_at = bench.life(&mail).await.mail.ended_at;
    bench.wait(MINUTE).await;
    assert_eq!(bench.record(&stale, bench.tried(Next::Delivered)).await, Recorded::Stale);
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.ended_at, life.deliveries[0].attempts.len()), (ended_at, 2));
    let ends = life.events.iter().filter(|event| event.kind == "ended").count();
    assert_eq!(ends, 1);
}

async fn a_stale_holder_cannot_renew<S: Subject>(bench: &Bench<'_, S>) {
    let (_, stale, current) = two_holders(bench).await;
    assert_eq!(bench.ledger().renew(&stale).await, Ok(false));
    assert_eq!(bench.ledger().renew(&current).await, Ok(true));
    bench.applied(&current, bench.tried(Next::Delivered)).await;
    assert_eq!(bench.ledger().renew(&current).await, Ok(false), "given back");
}

async fn a_lease_of_a_delivery_does_not_plan<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    let plan = Plan::Skip { reason: SkipReason::NoLinks, detector: None };
    assert_eq!(bench.plan(&token, plan, ALL).await, Planned::Stale);
    assert_eq!(bench.state(&mail).await, MailState::Delivering);
    bench.applied(&token, bench.tried(Next::Delivered)).await;
}

async fn a_lease_of_a_mail_does_not_record<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take_any().await;
    let token = bench.lease_one().await.token;
    assert_eq!(bench.record(&token, bench.tried(Next::Delivered)).await, Recorded::Stale);
    assert_eq!(bench.state(&mail).await, MailState::Queued);
}

async fn a_token_nobody_was_given_does_nothing<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    let before = bench.life(&mail).await;
    for fence in [0, token.fence + 1, -1] {
        let forged = LeaseToken { fence, ..token };
        assert_eq!(bench.ledger().renew(&forged).await, Ok(false));
        assert_eq!(bench.plan(&forged, deliver(&mail, &[("b", Priority::Low)]), ALL).await, Planned::Stale);
    }
    let unknown = LeaseToken { work: token.work + 1_000, fence: 0 };
    assert_eq!(bench.record(&unknown, bench.tried(Next::Delivered)).await, Recorded::Stale);
    assert_eq!(bench.life(&mail).await, before);
    let nobody = DeliveryId::derive(&mail, "nobody", 0);
    assert_eq!(bench.ledger().life_of_delivery(&nobody).await, Ok(None));
    assert_eq!(bench.release(Selection::Mail(mail), crate::ledger::Pass::Due).await, 0);
}

/// A delivery whose lease ran out at its first holder and was given to a second.
async fn two_holders<S: Subject>(bench: &Bench<'_, S>) -> (MailId, LeaseToken, LeaseToken) {
    let (mail, stale, job) = bench.sending("a").await;
    bench.wait(LEASE_TIME).await;
    let (current, again) = bench.lease_delivery().await;
    assert_eq!(job, again, "the same delivery under the same id");
    (mail, stale, current)
}

/// Leases what is due again and again, as if every holder died.
async fn wear_out<S: Subject>(bench: &Bench<'_, S>) {
    for round in 0..MOST_LEASES {
        assert_eq!(bench.lease(ALL).await.len(), 1, "{round}");
        bench.wait(LEASE_TIME).await;
    }
    assert_eq!(bench.lease(ALL).await, []);
}

async fn work_that_nobody_comes_back_from_is_given_up<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take_any().await;
    wear_out(bench).await;
    let given_up = bench.life(&mail).await.mail;
    assert_eq!((given_up.state, given_up.reason.as_deref()), (MailState::Held, Some("given_up")));
    assert!(bench.is_idle().await);
}

async fn what_was_given_up_can_be_let_go<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    bench.applied(&token, bench.tried(Next::Retry(bench.now()))).await;
    wear_out(bench).await;
    assert_eq!(bench.life(&mail).await.deliveries[0].reason.as_deref(), Some("given_up"));
    assert_eq!(bench.release(Selection::Mail(mail.clone()), Pass::Due).await, 1);
    let (token, _) = bench.lease_delivery().await;
    bench.applied(&token, bench.tried(Next::Delivered)).await;
    assert_eq!(bench.state(&mail).await, MailState::Delivered);
}
