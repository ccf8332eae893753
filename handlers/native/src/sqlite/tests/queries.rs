//! Every statement finds its rows by an index: none reads a whole table, however many mails there are.

use super::super::connection::Connection;
use super::folder::{ALL, Folder, accept, mail};
use render_signal::calendar::Timestamp;
use render_signal::delivery::DeliveryId;
use render_signal::delivery::payload::Facts;
use render_signal::ledger::{
    Admission, Attempt, GroupClaim, HoldReason, HourlyLimit, LeaseRequest, LeaseToken, MailFilter, MailState,
    NewDelivery, Next, Pass, Plan, Planned, Release, Report, Retention, Selection, SkipReason, Verdict,
};
use render_signal::rules::Priority;
use render_signal::sql::{Param, Row, Sql, SqlError, Store, Tables, migrate};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

/// A connection that remembers what it was asked.
struct Recorder {
    connection: Connection,
    statements: RefCell<BTreeSet<&'static str>>,
    now: Timestamp,
}

impl Sql for Recorder {
    fn query(&self, statement: &'static str, params: &[Param<'_>]) -> Result<Vec<Row>, SqlError> {
        self.statements.borrow_mut().insert(statement);
        self.connection.query(statement, params)
    }
}

impl Recorder {
    fn new(folder: &Folder) -> Self {
        let connection = Connection::open_writer(&folder.database()).unwrap();
        migrate(&connection, Tables::All).unwrap();
        Self { connection, statements: RefCell::default(), now: Timestamp::from_millis(super::folder::START) }
    }

    fn store(&self) -> Store<'_, Self> {
        Store::new(self, self.now)
    }

    /// What SQLite would do for a statement, step by step.
    fn plan_of(folder: &Folder, statement: &str) -> Vec<String> {
        let connection = rusqlite::Connection::open(folder.database()).unwrap();
        let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
        let parameters = explain.parameter_count();
        let nulls = rusqlite::params_from_iter(std::iter::repeat_n(rusqlite::types::Null, parameters));
        let steps = explain.query_map(nulls, |row| row.get(3)).unwrap();
        steps.map(Result::unwrap).collect()
    }

    /// The statements that read a whole table or index, with the step that does.
    fn scans(&self, folder: &Folder) -> Vec<String> {
        let statements = self.statements.borrow();
        assert!(statements.len() > 5, "{statements:?}");
        let scans = statements.iter().flat_map(|statement| {
            let plan = Self::plan_of(folder, statement);
            plan.into_iter().filter(|step| is_scan(step)).map(move |step| format!("{step}\n    {statement}"))
        });
        scans.collect()
    }
}

/// Whether a step reads all there is of something stored.
fn is_scan(step: &str) -> bool {
    step.starts_with("SCAN") && !step.contains("CONSTANT ROW") && !step.contains("VIRTUAL TABLE INDEX")
}

#[test]
fn a_whole_read_is_recognised() {
    let folder = Folder::new();
    Recorder::new(&folder);
    let whole = ["SELECT * FROM mails", "SELECT count(*) FROM schedule", "SELECT 1 FROM deliveries WHERE url = ?1"];
    for statement in whole {
        assert!(Recorder::plan_of(&folder, statement).iter().any(|step| is_scan(step)), "{statement}");
    }
    assert!(!Recorder::plan_of(&folder, "SELECT 1 FROM mails WHERE id = ?1").iter().any(|step| is_scan(step)));
}

#[test]
fn taking_leasing_planning_and_recording_read_no_whole_table() {
    let folder = Folder::new();
    let recorder = Recorder::new(&folder);
    hot_path(&recorder);
    assert!(recorder.statements.borrow().len() > 40, "{} statements", recorder.statements.borrow().len());
    assert_eq!(recorder.scans(&folder), Vec::<String>::new());
}

#[test]
fn looking_releasing_and_sweeping_read_no_whole_table() {
    let folder = Folder::new();
    let recorder = Recorder::new(&folder);
    hot_path(&recorder);
    recorder.statements.borrow_mut().clear();
    let store = recorder.store();
    let id = mail(1, 0).id;
    store.life(&id).unwrap();
    store.life_of_delivery(&DeliveryId::derive(&id, "a", 0)).unwrap();
    for state in [None, Some(MailState::Held)] {
        for text in [None, Some("planning".to_owned())] {
            store.list(&MailFilter { state, text, before: Some(id.clone()), limit: 10 }).unwrap();
        }
    }
    for which in [
        Selection::Mail(id.clone()),
        Selection::Reason(HoldReason::NoTarget, recorder.now),
        Selection::Target("a".to_owned()),
    ] {
        store.release(&Release { which, pass: Pass::Due }).unwrap();
    }
    store.replay(&id).unwrap();
    store.dismiss(&id).unwrap();
    store.void_leases().unwrap();
    store.load_documents().unwrap();
    let later = Store::new(&recorder, recorder.now.plus(Duration::from_hours(400 * 24)));
    let month = Duration::from_hours(30 * 24);
    assert!(later.sweep(&Retention { bodies: month, records: month }).unwrap().records > 0);
    // Small tables read whole on purpose: the documents with their former versions, and the disabled targets.
    let scans = recorder.scans(&folder);
    let unexpected: Vec<_> =
        scans.into_iter().filter(|scan| !scan.starts_with("SCAN d\n") && !scan.starts_with("SCAN d USING")).collect();
    assert_eq!(unexpected, Vec::<String>::new());
}

#[test]
fn the_sweep_reads_only_what_it_removes() {
    let folder = Folder::new();
    let recorder = Recorder::new(&folder);
    let month = Duration::from_hours(30 * 24);
    recorder.store().sweep(&Retention { bodies: month, records: month }).unwrap();
    let plans: Vec<String> =
        recorder.statements.borrow().iter().flat_map(|statement| Recorder::plan_of(&folder, statement)).collect();
    for index in [
        "mails_with_body (state=? AND ended_at<?)",
        "mails_ended (state=? AND ended_at<?)",
        "claims_expiring (expires_at<?)",
    ] {
        assert!(plans.iter().any(|step| step.contains(index)), "{index} in {plans:#?}");
    }
    assert!(!plans.iter().any(|step| step.contains("TEMP B-TREE")), "{plans:#?}");
}

/// Every branch of admit, lease, plan and record.
fn hot_path(recorder: &Recorder) {
    let store = recorder.store();
    let mut bare = mail(1, 100);
    bare.mail.message_id = None;
    store.admit(&bare, &accept()).unwrap();
    store.admit(&mail(1, 100), &accept()).unwrap(); // a repeat that teaches
    let group = GroupClaim { key: "g".to_owned(), expires_at: recorder.now };
    store.admit(&mail(2, 100), &Admission { verdict: Verdict::Accept { group: Some(group) }, ..accept() }).unwrap();
    store.admit(&mail(3, 100), &Admission { verdict: Verdict::Skip(SkipReason::NoLinks), ..accept() }).unwrap();
    for n in 4..12 {
        store.admit(&mail(n, 100), &accept()).unwrap();
    }
    let hold = Plan::Hold { reason: HoldReason::NoTarget, until: Some(recorder.now), detector: None };
    let leases = store.lease_due(&ALL).unwrap().leases;
    assert!(store.renew(&leases[0].token).unwrap());
    store.plan(&leases[0].token, &hold, &ALL).unwrap();
    store.plan(&leases[1].token, &Plan::Skip { reason: SkipReason::NoLinks, detector: None }, &ALL).unwrap();
    let limited = LeaseRequest { hourly: Some(HourlyLimit(6)), ..ALL };
    let mut tokens: Vec<LeaseToken> = Vec::new();
    for lease in &leases[2..] {
        let plan = Plan::Deliver { deliveries: vec![delivery(&lease.mail.id)], detector: None };
        let Planned::Recorded(jobs) = store.plan(&lease.token, &plan, &limited).unwrap() else { panic!("stale") };
        tokens.extend(jobs.into_iter().map(|(token, _)| token));
    }
    let at = recorder.now;
    let closed = Next::Hold { reason: HoldReason::AbsenceDay, until: Some(at) };
    let nexts = [Next::Delivered, Next::Retry(at), Next::Failed, closed, Next::TargetGone];
    for (token, next) in tokens.iter().zip(nexts) {
        store.record(token, &Report { attempt: Some(attempt(at)), next }).unwrap();
    }
    let stale = LeaseToken { fence: -1, ..tokens[5] };
    store.record(&stale, &Report { attempt: Some(attempt(at)), next: Next::Delivered }).unwrap();
    store.lease_due(&limited).unwrap();
    let later = Store::new(recorder, recorder.now.plus(Duration::from_hours(2)));
    later.lease_due(&limited).unwrap();
    later.overdue(100).unwrap();
}

/// However much waits, and whether it was told of or not: who is to be woken is found by one step of an index.
#[test]
fn what_is_overdue_is_found_without_reading_a_backlog() {
    let folder = Folder::new();
    let recorder = Recorder::new(&folder);
    recorder.store().overdue(100).unwrap();
    let plans: Vec<String> =
        recorder.statements.borrow().iter().flat_map(|statement| Recorder::plan_of(&folder, statement)).collect();
    let by_wake = plans.iter().filter(|step| step.contains("schedule_wake"));
    assert_eq!(by_wake.count(), 2, "{plans:#?}");
    assert!(plans.iter().any(|step| step.contains("schedule_wake (<expr><?)")), "{plans:#?}");
    assert!(!plans.iter().any(|step| step.contains("TEMP B-TREE")), "{plans:#?}");
}

fn delivery(mail: &render_signal::mail::MailId) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::derive(mail, "a", 0),
        target: "a".to_owned(),
        url: "https://hooks.example/a".to_owned(),
        priority: Priority::Normal,
        facts: Facts::default(),
    }
}

fn attempt(started_at: Timestamp) -> Attempt {
    Attempt {
        started_at,
        duration_ms: 1,
        code: "delivered".to_owned(),
        status: Some(200),
        modes: vec!["json".to_owned()],
        payload_bytes: 1,
        payload_digest: String::new(),
        snippet: None,
        failure_reason: None,
    }
}

#[test]
fn the_order_of_work_needs_no_sorting() {
    let folder = Folder::new();
    let recorder = Recorder::new(&folder);
    hot_path(&recorder);
    for statement in recorder.statements.borrow().iter().filter(|statement| statement.contains("FROM schedule")) {
        let sorts = Recorder::plan_of(&folder, statement).into_iter().filter(|step| step.contains("FOR ORDER BY"));
        assert_eq!(sorts.count(), 0, "{statement}");
    }
}
