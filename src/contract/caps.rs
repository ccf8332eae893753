//! At most so many deliveries of one target in flight, over all callers.

use super::bench::{ALL, Bench, MINUTE, NONE, SECOND, deliver};
use super::{Subject, promises};
use crate::ledger::{LEASE_TIME, Lease, LeaseRequest, Next, Work};
use crate::ports::Ledger;
use crate::rules::Priority;

promises!("caps":
    the_cap_holds_over_several_callers,
    a_place_is_free_again_after_a_report,
    what_is_not_due_or_not_there_waits_for_no_place,
    a_place_is_free_again_when_a_lease_runs_out,
    deliveries_leased_with_a_plan_count,
    a_plan_leases_no_more_than_the_cap,
    a_plan_leases_no_more_than_is_asked_for,
    a_backlog_behind_a_cap_hides_nobody,
    every_target_has_places_of_its_own,
    processing_has_no_cap,
    work_behind_a_full_cap_is_not_said_to_be_due,
);

const FOUR: LeaseRequest = LeaseRequest { max: 100, per_target: 4, hourly: None };

async fn the_cap_holds_over_several_callers<S: Subject>(bench: &Bench<'_, S>) {
    backlog(bench, "a", Priority::Normal, 10).await;
    let first = bench.lease(LeaseRequest { max: 3, ..FOUR }).await;
    assert_eq!(first.len(), 3);
    assert_eq!(bench.lease(FOUR).await.len(), 1);
    assert!(bench.lease(FOUR).await.is_empty());
    assert_eq!(bench.ledger().stats().await.expect("stats").in_flight, 4);
}

async fn a_place_is_free_again_after_a_report<S: Subject>(bench: &Bench<'_, S>) {
    backlog(bench, "a", Priority::Normal, 10).await;
    let leases = bench.lease(FOUR).await;
    let nexts = [Next::Delivered, Next::Failed, Next::Retry(bench.now().plus(LEASE_TIME))];
    for (lease, next) in leases.iter().zip(nexts) {
        bench.applied(&lease.token, bench.tried(next)).await;
    }
    assert_eq!(bench.lease(FOUR).await.len(), 3);
}

async fn what_is_not_due_or_not_there_waits_for_no_place<S: Subject>(bench: &Bench<'_, S>) {
    backlog(bench, "a", Priority::Normal, 4).await;
    let batch = bench.lease_due(FOUR).await;
    assert_eq!((batch.leases.len(), batch.capped), (4, false), "none is left");
    bench.applied(&batch.leases[0].token, bench.tried(Next::Retry(bench.now().plus(MINUTE)))).await;
    bench.send(&[("a", Priority::Normal)], FOUR).await;
    assert!(!bench.lease_due(FOUR).await.capped, "one is left, and not due");
}

async fn a_place_is_free_again_when_a_lease_runs_out<S: Subject>(bench: &Bench<'_, S>) {
    backlog(bench, "a", Priority::Normal, 6).await;
    assert_eq!(bench.lease(FOUR).await.len(), 4);
    bench.wait(LEASE_TIME).await;
    assert_eq!(bench.lease(FOUR).await.len(), 4);
}

async fn deliveries_leased_with_a_plan_count<S: Subject>(bench: &Bench<'_, S>) {
    backlog(bench, "a", Priority::Normal, 5).await;
    for _ in 0..3 {
        let (_, jobs) = bench_send(bench, FOUR).await;
        assert_eq!(jobs, 1);
    }
    assert_eq!(bench.lease(FOUR).await.len(), 1);
}

async fn a_plan_leases_no_more_than_the_cap<S: Subject>(bench: &Bench<'_, S>) {
    for leased in [1, 1, 1, 1, 0, 0] {
        let (_, jobs) = bench_send(bench, FOUR).await;
        assert_eq!(jobs, leased);
    }
}

async fn a_plan_leases_no_more_than_is_asked_for<S: Subject>(bench: &Bench<'_, S>) {
    let wanted = [("a", Priority::Normal), ("b", Priority::Normal), ("c", Priority::Normal)];
    let (_, jobs) = bench.send(&wanted, LeaseRequest { max: 2, ..FOUR }).await;
    assert_eq!(jobs.iter().map(|(_, job)| job.target.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(targets(&bench.lease(FOUR).await), ["c"], "the others are due");
}

async fn a_backlog_behind_a_cap_hides_nobody<S: Subject>(bench: &Bench<'_, S>) {
    backlog(bench, "a", Priority::High, 30).await;
    backlog(bench, "b", Priority::Low, 2).await;
    let leases = bench.lease(LeaseRequest { max: 5, ..FOUR }).await;
    assert_eq!(targets(&leases), ["a", "a", "a", "a", "b"]);
}

/// Who comes back at the time it is told finds something to do, and does not ask without a pause.
async fn every_target_has_places_of_its_own<S: Subject>(bench: &Bench<'_, S>) {
    for target in ["a", "b", "c"] {
        backlog(bench, target, Priority::Normal, 3).await;
    }
    let leases = bench.lease(LeaseRequest { per_target: 2, ..FOUR }).await;
    let mut targets = targets(&leases);
    targets.sort();
    assert_eq!(targets, ["a", "a", "b", "b", "c", "c"]);
}

async fn processing_has_no_cap<S: Subject>(bench: &Bench<'_, S>) {
    for _ in 0..9 {
        bench.take_any().await;
    }
    assert_eq!(bench.lease(FOUR).await.len(), 9);
}

async fn work_behind_a_full_cap_is_not_said_to_be_due<S: Subject>(bench: &Bench<'_, S>) {
    backlog(bench, "a", Priority::Normal, 6).await;
    bench.wait(SECOND).await;
    let batch = bench.lease_due(FOUR).await;
    assert_eq!((batch.leases.len(), batch.next_due), (4, Some(bench.now().plus(LEASE_TIME))));
    assert!(batch.capped, "it waits for a place");
    let later = bench.now().plus(MINUTE / 2);
    let (_, token, _) = bench.sending("b").await;
    bench.applied(&token, bench.tried(Next::Retry(later))).await;
    assert_eq!(bench.lease_due(FOUR).await.next_due, Some(later), "that of a target with places left");
}

/// So many due deliveries of a target.
async fn backlog<S: Subject>(bench: &Bench<'_, S>, target: &str, priority: Priority, count: u32) {
    for _ in 0..count {
        bench.take_any().await;
    }
    let processing = LeaseRequest { per_target: 0, ..ALL };
    for lease in bench.lease(processing).await {
        bench.planned(&lease.token, deliver(&lease.mail.id, &[(target, priority)]), NONE).await;
    }
}

/// Plans a mail for target `a`; how many deliveries were leased along.
async fn bench_send<S: Subject>(bench: &Bench<'_, S>, request: LeaseRequest) -> (crate::mail::MailId, usize) {
    let (mail, jobs) = bench.send(&[("a", Priority::Normal)], request).await;
    (mail, jobs.len())
}

fn targets(leases: &[Lease]) -> Vec<String> {
    leases
        .iter()
        .map(|lease| match &lease.work {
            Work::Deliver(job) => job.target.clone(),
            Work::Process => "a mail to process".to_owned(),
        })
        .collect()
}
