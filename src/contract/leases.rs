//! Handing out due work: in which order, for how long, and what is said about the rest.

use super::bench::{ALL, Bench, MILLISECOND, MINUTE, NONE, SECOND};
use super::{Subject, promises};
use crate::ledger::{HoldReason, LEASE_TIME, LeaseRequest, Next, Work};
use crate::ports::Ledger;
use crate::rules::Priority;

promises!("leases":
    an_empty_ledger_has_nothing_to_do,
    work_is_handed_out_once,
    work_goes_by_priority_before_due_time,
    work_of_one_priority_goes_by_due_time,
    no_more_is_handed_out_than_was_asked_for,
    what_is_left_is_said_to_be_due,
    the_next_due_time_is_the_earliest_of_all,
    a_lease_that_ran_out_is_handed_out_again,
    every_fence_is_larger_than_the_one_before,
    a_renewed_lease_lasts_from_then_on,
    a_lease_that_ran_out_unnoticed_can_be_renewed,
    a_batch_of_large_bodies_is_cut_and_none_is_forgotten,
);

async fn an_empty_ledger_has_nothing_to_do<S: Subject>(bench: &Bench<'_, S>) {
    let batch = bench.lease_due(ALL).await;
    assert!(batch.leases.is_empty());
    assert_eq!((batch.next_due, batch.config_version), (None, bench.config_version()));
}

async fn work_is_handed_out_once<S: Subject>(bench: &Bench<'_, S>) {
    bench.take_any().await;
    let lease = bench.lease_one().await;
    assert_eq!(lease.until, bench.now().plus(LEASE_TIME));
    assert!(bench.is_idle().await);
}

async fn work_goes_by_priority_before_due_time<S: Subject>(bench: &Bench<'_, S>) {
    let targets = [("a", Priority::Low), ("b", Priority::Normal), ("c", Priority::High), ("d", Priority::Low)];
    for target in targets {
        bench.send(&[target], NONE).await;
        bench.wait(SECOND).await;
    }
    assert_eq!(handed_out(bench, ALL).await, ["c", "b", "a", "d"]);
}

async fn work_of_one_priority_goes_by_due_time<S: Subject>(bench: &Bench<'_, S>) {
    let start = bench.now();
    for (target, minutes) in [("b", 30), ("a", 10), ("c", 20), ("a", 40)] {
        bench.sent(target, Next::Retry(start.plus(MINUTE * minutes))).await;
    }
    bench.set_time(start.plus(MINUTE * 30)).await;
    assert_eq!(handed_out(bench, ALL).await, ["a", "c", "b"]);
    bench.set_time(start.plus(MINUTE * 40)).await; // the leases just taken have run out
    assert_eq!(handed_out(bench, ALL).await, ["a", "c", "b", "a"]);
}

async fn no_more_is_handed_out_than_was_asked_for<S: Subject>(bench: &Bench<'_, S>) {
    for _ in 0..5 {
        bench.take_any().await;
    }
    for left in [2, 2, 1, 0] {
        assert_eq!(bench.lease(LeaseRequest { max: 2, ..ALL }).await.len(), left);
    }
    assert!(bench.lease(LeaseRequest { max: 0, ..ALL }).await.is_empty());
}

async fn what_is_left_is_said_to_be_due<S: Subject>(bench: &Bench<'_, S>) {
    let taken_at = bench.now();
    bench.take_any().await;
    bench.take_any().await;
    bench.wait(SECOND).await;
    let batch = bench.lease_due(LeaseRequest { max: 1, ..ALL }).await;
    assert_eq!((batch.leases.len(), batch.next_due), (1, Some(taken_at)));
}

async fn the_next_due_time_is_the_earliest_of_all<S: Subject>(bench: &Bench<'_, S>) {
    let start = bench.now();
    bench.sent("a", Next::Retry(start.plus(MINUTE * 5))).await;
    assert_eq!(bench.lease_due(ALL).await.next_due, Some(start.plus(MINUTE * 5)));
    bench.held(HoldReason::OutsideWindow, Some(start.plus(MINUTE * 3))).await;
    assert_eq!(bench.lease_due(ALL).await.next_due, Some(start.plus(MINUTE * 3)));
    bench.held(HoldReason::NoTarget, None).await;
    assert_eq!(bench.lease_due(ALL).await.next_due, Some(start.plus(MINUTE * 3)));
    bench.take_any().await;
    assert_eq!(bench.lease_due(ALL).await.next_due, Some(start.plus(LEASE_TIME)), "the end of the lease just given");
}

async fn a_lease_that_ran_out_is_handed_out_again<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take_any().await;
    bench.lease_one().await;
    bench.wait_almost(LEASE_TIME).await;
    assert!(bench.is_idle().await);
    bench.wait(MILLISECOND).await;
    assert_eq!(bench.lease_one().await.mail.id, mail);
    bench.wait(LEASE_TIME).await;
    assert_eq!(bench.lease_one().await.mail.id, mail, "for as long as nobody ends it");
}

async fn every_fence_is_larger_than_the_one_before<S: Subject>(bench: &Bench<'_, S>) {
    let mut last = i64::MIN;
    for round in 0..3 {
        bench.take_any().await;
        for lease in bench.lease(ALL).await {
            assert!(lease.token.fence > last, "round {round}");
            last = lease.token.fence;
        }
        bench.wait(LEASE_TIME).await;
    }
    let (_, token, _) = {
        for lease in bench.lease(ALL).await {
            bench.planned(&lease.token, super::bench::deliver(&lease.mail.id, &[("z", Priority::Low)]), NONE).await;
            last = last.max(lease.token.fence);
        }
        bench.sending("a").await
    };
    assert!(token.fence > last, "leased with its plan");
}

async fn a_renewed_lease_lasts_from_then_on<S: Subject>(bench: &Bench<'_, S>) {
    bench.take_any().await;
    let lease = bench.lease_one().await;
    for _ in 0..5 {
        bench.wait(SECOND * 59).await;
        assert_eq!(bench.ledger().renew(&lease.token).await, Ok(true));
        assert!(bench.is_idle().await);
    }
    bench.wait(LEASE_TIME).await;
    bench.lease_one().await;
}

async fn a_lease_that_ran_out_unnoticed_can_be_renewed<S: Subject>(bench: &Bench<'_, S>) {
    bench.take_any().await;
    let lease = bench.lease_one().await;
    bench.wait(LEASE_TIME * 2).await;
    assert_eq!(bench.ledger().renew(&lease.token).await, Ok(true));
    assert!(bench.is_idle().await);
}

async fn a_batch_of_large_bodies_is_cut_and_none_is_forgotten<S: Subject>(bench: &Bench<'_, S>) {
    const SIZE: usize = 9 << 20;
    for n in 0..6 {
        let body = format!("{n}{}", "x".repeat(SIZE - 1));
        bench.take(bench.mail(Some(&n.to_string()), &body)).await;
    }
    let mut seen = 0;
    while seen < 6 {
        let batch = bench.lease_due(ALL).await;
        let bytes: usize = batch.leases.iter().map(|lease| lease.mail.mail.body.len()).sum();
        assert!(bytes > 0 && bytes <= 4 * SIZE, "{bytes} bytes in one batch");
        seen += batch.leases.len();
        let more = batch.next_due.expect("a lease ends some time") <= bench.now();
        assert_eq!(more, seen < 6, "what did not fit is said to be due");
    }
    assert!(bench.is_idle().await);
}

/// The targets of the deliveries handed out, in their order.
async fn handed_out<S: Subject>(bench: &Bench<'_, S>, request: LeaseRequest) -> Vec<String> {
    let leases = bench.lease(request).await;
    leases
        .into_iter()
        .map(|lease| match lease.work {
            Work::Deliver(job) => job.target,
            Work::Process => "a mail to process".to_owned(),
        })
        .collect()
}
