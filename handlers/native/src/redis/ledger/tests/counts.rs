//! Counts, read where they stand.

use super::desk::{Desk, days};
use super::home::Place;
use render_signal::ledger::{
    GroupClaim, HoldReason, LeaseRequest, Next, Plan, Planned, Retention, SkipReason, Verdict,
};
use render_signal::ports::Ledger;
use std::time::Duration;

const ONE: LeaseRequest = LeaseRequest { max: 100, per_target: 1, hourly: None };

#[tokio::test]
async fn the_earliest_due_time_is_true_though_a_lanes_bound_is_early() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let after = |hours| desk.now().plus(Duration::from_hours(hours));
    let hold = Next::Hold { reason: HoldReason::OutsideWindow, until: Some(after(1)) };
    let closed = desk.sent("closed", hold).await;
    desk.sent("late", Next::Retry(after(3))).await;
    let (_, tokens) = desk.sending("between", &["b"]).await;
    desk.record(&tokens[0], Next::Retry(after(2))).await;
    assert_eq!(home.ledger.stats().await.unwrap().oldest_due, Some(after(1)));
    assert_eq!(home.ledger.dismiss(&closed).await, Ok(1));
    assert_eq!(home.ledger.stats().await.unwrap().oldest_due, Some(after(2)));
}

#[tokio::test]
async fn many_groups_whose_time_is_over_go_page_by_page() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let expires_at = desk.now().plus(days(2));
    for n in 0..130 {
        let group = GroupClaim { key: format!("2026-04:lot {n}"), expires_at };
        desk.try_admit(desk.mail("Lot", "x"), Verdict::Accept { group: Some(group) }).await.unwrap();
    }
    desk.try_admit(desk.mail("Lot", "x"), Verdict::Skip(SkipReason::NoLinks)).await.unwrap();
    desk.wait(days(2)).await;
    let usual = Retention { bodies: days(7), records: days(30) };
    let swept = home.ledger.sweep(&usual).await.unwrap();
    assert_eq!((swept.claims, swept.more), (100, true));
    let swept = home.ledger.sweep(&usual).await.unwrap();
    assert_eq!((swept.claims, swept.more), (30, false));
}

#[tokio::test]
async fn the_place_of_a_row_that_is_gone_is_free_again() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let (_, gone) = desk.sending("gone", &["a"]).await;
    home.link.command(redis::cmd("DEL").arg(format!("{}delivery:{}", home.prefix, gone[0].work))).await.unwrap();
    desk.wait(Duration::from_secs(30)).await;
    desk.take("waits").await;
    let lease = home.ledger.lease_due(ONE).await.unwrap().leases.remove(0);
    let deliveries = vec![super::desk::delivery(&lease.mail.id, "a"), super::desk::delivery(&lease.mail.id, "b")];
    let plan = Plan::Deliver { deliveries, detector: None };
    let planned = home.ledger.plan(&lease.token, plan, ONE).await.unwrap();
    let Planned::Recorded(jobs) = planned else { panic!("the lease is good") };
    assert_eq!(jobs.iter().map(|(_, job)| job.target.as_str()).collect::<Vec<_>>(), ["b"]);
    // The lease of the lost row ends, while that of another goes on.
    desk.wait(Duration::from_secs(30)).await;
    let batch = home.ledger.lease_due(ONE).await.unwrap();
    assert_eq!(batch.leases.len(), 1, "{batch:?}");
}
