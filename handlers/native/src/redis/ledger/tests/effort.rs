//! What a step costs: how many commands it runs inside Redis, which must not grow with what is stored.

use super::desk::{ALL, Desk, delivery};
use super::home::{Home, Place};
use render_signal::ledger::{HourlyLimit, LeaseRequest, Next, Plan, Planned, SkipReason, Verdict};
use render_signal::ports::Ledger;
use std::collections::BTreeMap;
use std::time::Duration;

/// What each step of one mail's life ran: the scripts, and the commands they were made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cost {
    calls: u64,
    commands: u64,
}

/// Counts from zero.
async fn reset(home: &Home) {
    home.link.command(redis::cmd("CONFIG").arg("RESETSTAT")).await.unwrap();
}

async fn cost(home: &Home) -> Cost {
    let stats = home.link.command(redis::cmd("INFO").arg("commandstats")).await.unwrap();
    let text: String = redis::from_redis_value(stats).unwrap();
    let counts: BTreeMap<&str, u64> = text
        .lines()
        .filter_map(|line| line.strip_prefix("cmdstat_")?.split_once(":calls="))
        .map(|(name, rest)| (name, rest.split(',').next().unwrap().parse().unwrap()))
        .filter(|(name, _)| !name.starts_with("info") && !name.starts_with("config"))
        .collect();
    let calls = counts.get("evalsha").copied().unwrap_or(0);
    Cost { calls, commands: counts.values().sum::<u64>() - calls }
}

const LIMITED: LeaseRequest = LeaseRequest { hourly: Some(HourlyLimit(1_000_000)), ..ALL };

/// One mail from its push to its delivery, with the cost of each step.
async fn life(desk: &Desk<'_>, request: LeaseRequest) -> Vec<(&'static str, Cost)> {
    let home = desk.home;
    let mut costs = Vec::new();
    reset(home).await;
    let mail = desk.take("x").await;
    costs.push(("admit", cost(home).await));
    reset(home).await;
    let mut leases = home.ledger.lease_due(LeaseRequest { max: 1, ..request.clone() }).await.unwrap().leases;
    costs.push(("lease", cost(home).await));
    let lease = leases.remove(0);
    assert_eq!(lease.mail.id, mail);
    let plan = Plan::Deliver { deliveries: vec![delivery(&mail, "a")], detector: Some("recadrage".to_owned()) };
    reset(home).await;
    let planned = home.ledger.plan(&lease.token, plan, request).await.unwrap();
    costs.push(("plan", cost(home).await));
    let Planned::Recorded(jobs) = planned else { panic!("stale") };
    reset(home).await;
    desk.record(&jobs[0].0, Next::Delivered).await;
    costs.push(("record", cost(home).await));
    costs
}

/// Mails that ended, deliveries that wait for a time to come or are over a cap.
async fn backlog(desk: &Desk<'_>, count: usize) {
    for _ in 0..count {
        desk.skip("Planning", "x").await;
    }
    for _ in 0..count {
        desk.take("x").await;
    }
    let later = desk.now().plus(Duration::from_hours(99));
    for lease in desk.home.ledger.lease_due(LeaseRequest { max: 100_000, ..ALL }).await.unwrap().leases {
        let plan = Plan::Deliver { deliveries: vec![delivery(&lease.mail.id, "a")], detector: None };
        let planned = desk.home.ledger.plan(&lease.token, plan, ALL).await.unwrap();
        let Planned::Recorded(jobs) = planned else { panic!("stale") };
        desk.record(&jobs[0].0, Next::Retry(later)).await;
    }
}

#[tokio::test]
async fn a_step_is_one_call_whose_cost_does_not_grow_with_what_is_stored() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    life(&desk, ALL).await; // the scripts are loaded
    let before = life(&desk, ALL).await;
    backlog(&desk, 1_000).await;
    let after = life(&desk, ALL).await;
    for (step, cost) in &after {
        println!("{step}: {cost:?}");
        assert_eq!(cost.calls, 1, "{step}");
    }
    let sum = |costs: &[(&str, Cost)]| costs.iter().map(|(_, cost)| cost.commands).sum::<u64>();
    println!("a life: {} commands, {} with a backlog", sum(&before), sum(&after));
    for ((step, before), (_, after)) in before.iter().zip(&after) {
        assert!(after.commands <= before.commands + 2, "{step}: {before:?} grew to {after:?}");
    }
    assert!(sum(&after) <= 68, "a life is made of {} commands", sum(&after));
}

#[tokio::test]
async fn the_hourly_limit_costs_little() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    life(&desk, LIMITED).await;
    backlog(&desk, 300).await;
    let (without, with) = (life(&desk, ALL).await, life(&desk, LIMITED).await);
    for ((step, without), (_, with)) in without.iter().zip(&with) {
        assert!(with.commands <= without.commands + 5, "{step}: {without:?}, {with:?} under the limit");
    }
}

#[tokio::test]
async fn a_repeat_and_a_refusal_cost_next_to_nothing() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.mail("Lot 42", "x");
    for (name, most) in [("new", 20), ("repeat", 4), ("again", 4)] {
        reset(&home).await;
        desk.try_admit(mail.clone(), Verdict::Skip(SkipReason::NoLinks)).await.unwrap();
        let cost = cost(&home).await;
        assert!(cost.commands <= most + u64::from(name == "new") * 4, "{name}: {cost:?}");
    }
}
