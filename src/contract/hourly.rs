//! The hourly limit delays, it never drops.

use super::bench::{ALL, Bench, HOUR, LEASE_ENDS, MILLISECOND, MINUTE, NONE};
use super::{Subject, promises};
use crate::ledger::{DeliveryState, HourlyLimit, LeaseRequest, MailState, Next, Work};
use crate::ports::Ledger;
use crate::rules::Priority;

promises!("hourly":
    beyond_the_limit_deliveries_are_held,
    a_place_is_free_an_hour_after_the_attempt,
    a_delivery_that_goes_on_waiting_is_no_news,
    deliveries_in_flight_count,
    a_plan_leases_no_more_than_the_limit,
    processing_goes_on_beyond_the_limit,
    without_a_limit_all_goes_out,
);

const TWO: LeaseRequest = LeaseRequest { hourly: Some(HourlyLimit(2)), ..ALL };

async fn beyond_the_limit_deliveries_are_held<S: Subject>(bench: &Bench<'_, S>) {
    let first = bench.now();
    bench.sent("a", Next::Delivered).await;
    bench.wait(MINUTE).await;
    bench.sent("a", Next::Failed).await; // a try is a try
    let (mail, _) = bench.send(&[("b", Priority::High)], NONE).await;
    assert!(bench.lease(TWO).await.is_empty());
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.mail.reason.as_deref()), (MailState::Held, Some("rate_limited")));
    assert_eq!(life.mail.hold_until, Some(first.plus(HOUR)));
    assert_eq!(life.deliveries[0].attempts.len(), 0);
}

async fn a_place_is_free_an_hour_after_the_attempt<S: Subject>(bench: &Bench<'_, S>) {
    let first = bench.now();
    bench.sent("a", Next::Delivered).await;
    bench.wait(MINUTE).await;
    bench.sent("a", Next::Delivered).await;
    bench.send(&[("b", Priority::Normal)], NONE).await;
    bench.send(&[("c", Priority::Normal)], NONE).await;
    assert!(bench.lease(TWO).await.is_empty());
    bench.set_time(first.plus(HOUR).minus(MILLISECOND)).await;
    assert!(bench.lease(TWO).await.is_empty());
    bench.set_time(first.plus(HOUR)).await;
    let leases = bench.lease(TWO).await;
    assert_eq!(leases.len(), 1);
    bench.applied(&leases[0].token, bench.tried(Next::Delivered)).await;
    bench.set_time(first.plus(HOUR + MINUTE)).await;
    let leases = bench.lease(TWO).await;
    assert_eq!(leases.len(), 1, "the second attempt is an hour old too");
    bench.applied(&leases[0].token, bench.tried(Next::Delivered)).await;
    for mail in bench.mails().await {
        assert_eq!(mail.state, MailState::Delivered, "all went out in the end");
    }
}

async fn a_delivery_that_goes_on_waiting_is_no_news<S: Subject>(bench: &Bench<'_, S>) {
    let one = LeaseRequest { hourly: Some(HourlyLimit(1)), ..ALL };
    bench.sent("a", Next::Delivered).await;
    let (mail, _) = bench.send(&[("b", Priority::Normal)], NONE).await;
    bench.send(&[("c", Priority::High)], NONE).await;
    assert!(bench.lease(one.clone()).await.is_empty());
    let before = bench.life(&mail).await;
    bench.wait(HOUR).await;
    assert_eq!(bench.lease(one).await.len(), 1, "the urgent one");
    let after = bench.life(&mail).await;
    assert!(after.mail.hold_until > before.mail.hold_until);
    assert_eq!(after.events, before.events);
}

async fn deliveries_in_flight_count<S: Subject>(bench: &Bench<'_, S>) {
    for target in ["a", "b", "c"] {
        bench.send(&[(target, Priority::Normal)], NONE).await;
    }
    let leases = bench.lease(TWO).await;
    assert_eq!(leases.len(), 2);
    bench.wait(LEASE_ENDS).await; // nobody tried: the places are free again
    assert_eq!(bench.lease(TWO).await.len(), 2);
    assert_eq!(bench.ledger().stats().await.expect("stats").in_flight, 2);
}

async fn a_plan_leases_no_more_than_the_limit<S: Subject>(bench: &Bench<'_, S>) {
    let targets = [("a", Priority::Normal), ("b", Priority::Normal), ("c", Priority::Normal)];
    let (mail, jobs) = bench.send(&targets, TWO).await;
    assert_eq!(jobs.len(), 2);
    let life = bench.life(&mail).await;
    let last = &life.deliveries[2];
    assert_eq!((last.state, last.reason.as_deref()), (DeliveryState::Held, Some("rate_limited")));
    assert!(last.due_at.is_some_and(|due_at| due_at > bench.now()));
}

async fn processing_goes_on_beyond_the_limit<S: Subject>(bench: &Bench<'_, S>) {
    bench.sent("a", Next::Delivered).await;
    bench.sent("a", Next::Delivered).await;
    let mail = bench.take_any().await;
    let leases = bench.lease(TWO).await;
    assert_eq!(leases.len(), 1);
    assert_eq!((&leases[0].mail.id, &leases[0].work), (&mail, &Work::Process));
}

async fn without_a_limit_all_goes_out<S: Subject>(bench: &Bench<'_, S>) {
    for _ in 0..5 {
        bench.sent("a", Next::Delivered).await;
    }
    let (_, jobs) = bench.send(&[("a", Priority::Normal)], ALL).await;
    assert_eq!(jobs.len(), 1);
}
