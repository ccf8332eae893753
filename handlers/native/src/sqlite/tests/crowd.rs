//! Many callers at once.

use super::super::SqliteStore;
use super::folder::{Home, accept, mail};
use futures_util::future::join_all;
use render_signal::config::DocumentKey;
use render_signal::delivery::DeliveryId;
use render_signal::delivery::payload::Facts;
use render_signal::ledger::{
    Admitted, Attempt, Lease, LeaseRequest, MailFilter, MailState, NewDelivery, Next, Plan, Planned, Recorded, Report,
    Work,
};
use render_signal::ports::{ConfigStore, Ledger, Loaded, Write};
use render_signal::rules::Priority;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

const MAILS: u32 = 2_000;
const TARGETS: u32 = 5;
const REQUEST: LeaseRequest = LeaseRequest { max: 16, per_target: 4, hourly: None };

/// What the workers of the test do together.
#[derive(Clone, Default)]
struct Shared {
    delivered: Arc<AtomicUsize>,
    in_flight: Arc<[AtomicI64; TARGETS as usize]>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_callers_and_four_workers_end_consistent() {
    let home = Home::new();
    let work = Shared::default();
    let callers = (0..32).map(|caller| tokio::spawn(push(home.store.clone(), caller)));
    let workers = (0..4).map(|_| tokio::spawn(deliver_all(home.another(), work.clone())));
    let (callers, workers): (Vec<_>, Vec<_>) = (callers.collect(), workers.collect());
    let taken: u32 = join_all(callers).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(taken, MAILS, "each mail is taken once, though each is pushed twice");
    for worker in workers {
        tokio::time::timeout(Duration::from_mins(2), worker).await.expect("all is delivered in time").unwrap();
    }
    verify(&home.store).await;
}

/// Pushes every 16th mail, so that each mail is pushed by two callers. Returns how many were new.
async fn push(store: SqliteStore, caller: u32) -> u32 {
    let mut taken = 0;
    for n in (caller % 16..MAILS).step_by(16) {
        let mut new = mail(n, 500);
        new.id = render_signal::mail::MailId::new(new.accepted_at, u128::from(caller * MAILS + n));
        match store.admit(new, accept()).await.unwrap() {
            Admitted::Queued(_) => taken += 1,
            Admitted::Known { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    taken
}

async fn deliver_all(store: SqliteStore, work: Shared) {
    while work.delivered.load(Ordering::SeqCst) < MAILS as usize {
        let leases = store.lease_due(REQUEST).await.unwrap().leases;
        if leases.is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        join_all(leases.into_iter().map(|lease| run(&store, lease, &work))).await;
    }
}

async fn run(store: &SqliteStore, lease: Lease, work: &Shared) {
    match lease.work {
        Work::Deliver(job) => send(store, &lease.token, &job.target, work).await,
        Work::Process => {
            let target = lease.mail.mail.subject.bytes().last().map_or(0, u32::from) % TARGETS;
            let plan = plan(&lease.mail.id, &target.to_string());
            let Planned::Recorded(jobs) = store.plan(&lease.token, plan, REQUEST).await.unwrap() else {
                panic!("stale")
            };
            for (token, job) in jobs {
                send(store, &token, &job.target, work).await;
            }
        }
    }
}

async fn send(store: &SqliteStore, token: &render_signal::ledger::LeaseToken, target: &str, work: &Shared) {
    let places = &work.in_flight[target.parse::<usize>().unwrap()];
    assert!(places.fetch_add(1, Ordering::SeqCst) < 4, "at most four of a target at once");
    tokio::task::yield_now().await;
    places.fetch_sub(1, Ordering::SeqCst);
    let attempt = Attempt {
        started_at: render_signal::calendar::Timestamp::from_millis(super::folder::START),
        duration_ms: 1,
        code: "delivered".to_owned(),
        status: Some(200),
        modes: vec!["json".to_owned()],
        payload_bytes: 1,
        payload_digest: String::new(),
        snippet: None,
        failure_reason: None,
    };
    let report = Report { attempt: Some(attempt), next: Next::Delivered };
    assert_eq!(store.record(token, report).await, Ok(Recorded::Applied));
    work.delivered.fetch_add(1, Ordering::SeqCst);
}

fn plan(mail: &render_signal::mail::MailId, target: &str) -> Plan {
    let delivery = NewDelivery {
        id: DeliveryId::derive(mail, target, 0),
        target: target.to_owned(),
        url: "https://hooks.example/a".to_owned(),
        priority: Priority::Normal,
        facts: Facts::default(),
    };
    Plan::Deliver { deliveries: vec![delivery], detector: None }
}

/// Every mail once, delivered by one attempt of one delivery, and nothing left to do.
async fn verify(store: &SqliteStore) {
    let stats = store.stats().await.unwrap();
    assert_eq!(
        (stats.mails, stats.in_flight, stats.oldest_due),
        (vec![(MailState::Delivered, u64::from(MAILS))], 0, None)
    );
    let mut seen = BTreeSet::new();
    let mut filter = MailFilter { limit: 500, ..MailFilter::default() };
    loop {
        let page = store.list(&filter).await.unwrap();
        for mail in page.mails {
            let life = store.life(&mail.id).await.unwrap().unwrap();
            assert_eq!((life.deliveries.len(), life.deliveries[0].attempts.len()), (1, 1), "{}", mail.id);
            seen.insert(life.message_id.unwrap());
        }
        filter.before = page.next;
        if filter.before.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), MAILS as usize);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn documents_are_read_with_the_version_they_belong_to() {
    let home = Home::new();
    let writer = tokio::spawn({
        let store = home.another();
        async move {
            for n in 0..300 {
                let key = DocumentKey::ALL[n % DocumentKey::ALL.len()];
                let write = Write { key, value: serde_json::json!({ "n": n }), expected: None, author: "x".to_owned() };
                store.write(write).await.unwrap();
            }
        }
    });
    let mut last = 0;
    while last < 300 {
        let Loaded { version, documents, .. } = home.store.load().await.unwrap();
        let sum: u64 = documents.iter().map(|document| document.version).sum();
        assert_eq!(version, sum, "the whole counts every write of every document it came with");
        last = version;
    }
    writer.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_life_is_read_at_one_instant() {
    let home = Home::new();
    home.store.admit(mail(1, 100), accept()).await.unwrap();
    let writer = tokio::spawn({
        let store = home.another();
        async move {
            let mut lease = store.lease_due(REQUEST).await.unwrap().leases.remove(0);
            let at = render_signal::calendar::Timestamp::from_millis(super::folder::START);
            for _ in 0..300 {
                let reason = render_signal::ledger::HoldReason::OutsideWindow;
                let hold = Plan::Hold { reason, until: Some(at), detector: None };
                store.plan(&lease.token, hold, REQUEST).await.unwrap();
                lease = store.lease_due(REQUEST).await.unwrap().leases.remove(0);
            }
        }
    });
    while !writer.is_finished() {
        let life = home.store.life(&mail(1, 0).id).await.unwrap().unwrap();
        let last = life.events.last().unwrap();
        let expected = if last.kind == "held" { MailState::Held } else { MailState::Queued };
        assert_eq!(life.mail.state, expected, "after {}", last.kind);
    }
    writer.await.unwrap();
}
