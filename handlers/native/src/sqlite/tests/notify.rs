//! When somebody must be woken: what a home asks for whose workers do not stay awake.

use super::super::connection::Connection;
use super::folder::{ALL, Folder, START, accept, mail};
use render_signal::calendar::Timestamp;
use render_signal::delivery::DeliveryId;
use render_signal::delivery::payload::Facts;
use render_signal::ledger::{
    HoldReason, LEASE_TIME, Lease, LeaseRequest, LeaseToken, NewDelivery, Next, Pass, Plan, Planned, Recorded, Release,
    Report, Selection, Work,
};
use render_signal::rules::Priority;
use render_signal::sql::{FIRST_SILENCE, LONGEST_SILENCE, SCHEMA_VERSION, Store, Tables, migrate};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const FOUR: LeaseRequest = LeaseRequest { per_target: 4, ..ALL };

/// A store whose time is given with each step.
struct Bench {
    connection: Connection,
    _folder: Folder,
}

impl Bench {
    fn new() -> Self {
        let folder = Folder::new();
        let connection = Connection::open_writer(&folder.database()).unwrap();
        migrate(&connection, Tables::All).unwrap();
        Self { connection, _folder: folder }
    }

    /// The store, so many seconds after the start.
    fn at(&self, seconds: u64) -> Store<'_, Connection> {
        Store::new(&self.connection, after(seconds))
    }

    /// Takes a mail now.
    fn take(&self, seconds: u64, n: u32) {
        self.at(seconds).admit(&mail(n, 10), &accept()).unwrap();
    }

    /// What is overdue, and when to look again, in seconds after the start.
    fn overdue(&self, seconds: u64) -> (usize, Option<u64>) {
        let overdue = self.at(seconds).overdue(100).unwrap();
        (overdue.work.len(), overdue.next_wake.map(since_start))
    }

    fn next_wake(&self) -> Option<u64> {
        self.at(0).next_wake().unwrap().map(since_start)
    }

    /// Plans all mails that are due for target `a`; what was leased with the plans.
    fn planned(&self, seconds: u64, request: &LeaseRequest) -> Vec<LeaseToken> {
        let leases = self.at(seconds).lease_due(&LeaseRequest { per_target: 0, ..ALL }).unwrap().leases;
        let jobs = leases.iter().flat_map(|lease| match self.at(seconds).plan(&lease.token, &to_a(lease), request) {
            Ok(Planned::Recorded(jobs)) => jobs,
            other => panic!("{other:?}"),
        });
        jobs.map(|(token, _)| token).collect()
    }

    fn record(&self, seconds: u64, token: &LeaseToken, next: Next) {
        let report = Report { attempt: None, next };
        assert_eq!(self.at(seconds).record(token, &report), Ok(Recorded::Applied));
    }
}

fn after(seconds: u64) -> Timestamp {
    Timestamp::from_millis(START).plus(SECOND * u32::try_from(seconds).unwrap())
}

fn since_start(at: Timestamp) -> u64 {
    at.since(after(0)).as_secs()
}

fn to_a(lease: &Lease) -> Plan {
    assert_eq!(lease.work, Work::Process);
    let delivery = NewDelivery {
        id: DeliveryId::derive(&lease.mail.id, "a", 0),
        target: "a".to_owned(),
        url: "https://hooks.example/a".to_owned(),
        priority: Priority::Normal,
        facts: Facts::default(),
    };
    Plan::Deliver { deliveries: vec![delivery], detector: None }
}

#[test]
fn a_mail_is_told_of_again_when_its_nudge_was_lost() {
    let bench = Bench::new();
    assert_eq!(bench.next_wake(), None);
    bench.take(0, 1);
    assert_eq!((bench.next_wake(), bench.overdue(29)), (Some(30), (0, Some(30))));
}

#[test]
fn each_silence_is_twice_the_one_before() {
    let bench = Bench::new();
    bench.take(0, 1);
    let mut at = 30;
    // 60, 120, 240, 480 seconds, then 15 minutes for ever.
    for silence in [60, 120, 240, 480, 900, 900, 900] {
        assert_eq!(bench.overdue(at - 1), (0, Some(at)));
        assert_eq!(bench.overdue(at), (1, Some(at + silence)));
        at += silence;
    }
    assert_eq!((FIRST_SILENCE.as_secs(), LONGEST_SILENCE.as_secs()), (30, 900));
}

#[test]
fn a_hundred_are_told_of_and_the_rest_at_once_after_them() {
    let bench = Bench::new();
    for n in 0..250 {
        bench.take(0, n);
    }
    let told: Vec<_> = (0..4).map(|_| bench.overdue(30)).collect();
    assert_eq!(told, [(100, Some(30)), (100, Some(30)), (50, Some(90)), (0, Some(90))]);
}

#[test]
fn leased_work_is_waited_for_until_its_lease_runs_out() {
    let bench = Bench::new();
    bench.take(0, 1);
    bench.overdue(30);
    let lease = bench.at(40).lease_due(&ALL).unwrap().leases.remove(0);
    let end = 40 + LEASE_TIME.as_secs();
    assert_eq!(bench.overdue(end - 1), (0, Some(end)));
    assert!(bench.at(end - 1).renew(&lease.token).unwrap());
    assert_eq!(bench.overdue(end), (0, Some(end - 1 + LEASE_TIME.as_secs())), "renewed");
    let end = end - 1 + LEASE_TIME.as_secs();
    assert_eq!(bench.overdue(end), (1, Some(end + 30)), "news again, with the first silence");
}

#[test]
fn a_retry_and_a_hold_are_told_of_at_their_time() {
    let bench = Bench::new();
    bench.take(0, 1);
    let token = bench.planned(0, &ALL).remove(0);
    bench.record(1, &token, Next::Retry(after(6)));
    assert_eq!((bench.overdue(5), bench.overdue(6)), ((0, Some(6)), (1, Some(36))));
    let token = bench.at(6).lease_due(&ALL).unwrap().leases.remove(0).token;
    bench.record(7, &token, Next::Hold { reason: HoldReason::OutsideWindow, until: Some(after(500)) });
    assert_eq!((bench.overdue(499), bench.overdue(500)), ((0, Some(500)), (1, Some(530))));
}

#[test]
fn a_held_mail_is_told_of_at_its_time() {
    let bench = Bench::new();
    bench.take(0, 1);
    let lease = bench.at(0).lease_due(&ALL).unwrap().leases.remove(0);
    let hold = Plan::Hold { reason: HoldReason::ByRule, until: Some(after(500)), detector: None };
    bench.at(0).plan(&lease.token, &hold, &ALL).unwrap();
    assert_eq!((bench.overdue(499), bench.overdue(500)), ((0, Some(500)), (1, Some(530))));
}

#[test]
fn what_is_released_or_replayed_is_told_of_at_once() {
    let bench = Bench::new();
    bench.take(0, 1);
    let token = bench.planned(0, &ALL).remove(0);
    bench.record(0, &token, Next::Hold { reason: HoldReason::NoTarget, until: None });
    assert_eq!(bench.next_wake(), None);
    let release = Release { which: Selection::Mail(mail(1, 0).id), pass: Pass::Due };
    assert_eq!(bench.at(3).release(&release), Ok(1));
    assert_eq!((bench.next_wake(), bench.overdue(3)), (Some(3), (1, Some(33))));
    let token = bench.at(3).lease_due(&ALL).unwrap().leases.remove(0).token;
    bench.record(3, &token, Next::Failed);
    assert_eq!((bench.next_wake(), bench.at(9).replay(&mail(1, 0).id)), (None, Ok(1)));
    assert_eq!(bench.overdue(9), (1, Some(39)));
}

#[test]
fn a_place_that_is_given_back_is_offered_to_who_waits_for_it() {
    let bench = Bench::new();
    for n in 0..6 {
        bench.take(0, n);
    }
    let tokens = bench.planned(0, &FOUR);
    assert_eq!((tokens.len(), bench.next_wake()), (4, Some(30)), "two wait, and were told of by who planned them");
    bench.record(2, &tokens[0], Next::Delivered);
    let soon = bench.at(2).next_wake().unwrap().unwrap();
    assert!(soon > after(2) && soon < after(3), "{soon:?}");
    assert_eq!(bench.overdue(3), (1, Some(30)), "one place, one of them");
}

#[test]
fn a_store_that_is_too_full_takes_no_mail_and_hands_out_its_work() {
    use render_signal::ledger::{Admitted, Fullness, LedgerError};
    let bench = Bench::new();
    bench.take(0, 1);
    let full = Fullness { used: 95, limit: Some(100) };
    let store = || bench.at(0).filled(full);
    assert_eq!(store().admit(&mail(2, 10), &accept()), Err(LedgerError::Full));
    assert!(matches!(store().admit(&mail(1, 10), &accept()), Ok(Admitted::Known { .. })));
    assert_eq!(store().lease_due(&ALL).unwrap().leases.len(), 1);
    let filling = bench.at(0).filled(Fullness { used: 94, ..full });
    assert!(matches!(filling.admit(&mail(2, 10), &accept()), Ok(Admitted::Queued(_))));
}

/// The tables of schema version 1 that changed since, as a server of that version left them.
const VERSION_1: &[&str] = &[
    "DROP INDEX schedule_wake",
    "ALTER TABLE schedule DROP COLUMN notified_until",
    "ALTER TABLE schedule DROP COLUMN silence",
    "UPDATE meta SET v = 1 WHERE k = 'schema'",
];

#[test]
fn a_store_of_version_1_opens_with_its_work() {
    use render_signal::sql::Sql;
    let bench = Bench::new();
    for n in 0..3 {
        bench.take(0, n);
    }
    let leases = bench.at(0).lease_due(&LeaseRequest { max: 1, ..ALL }).unwrap().leases;
    for statement in VERSION_1 {
        bench.connection.query(statement, &[]).unwrap();
    }
    bench.connection.transaction(|connection| migrate(connection, Tables::All)).unwrap();
    let version = bench.connection.query("SELECT v FROM meta WHERE k = 'schema'", &[]).unwrap();
    assert_eq!(format!("{version:?}"), format!("[Row([Int({SCHEMA_VERSION})])]"));
    assert_eq!(bench.overdue(0), (2, Some(30)), "nobody is known to have been told of it");
    assert!(bench.at(1).renew(&leases[0].token).unwrap(), "its lease still stands");
    assert_eq!(bench.at(1).lease_due(&ALL).unwrap().leases.len(), 2);
}
