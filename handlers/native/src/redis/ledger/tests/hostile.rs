//! What comes from outside and what may happen to a store.

use super::desk::{ALL, Desk, delivery};
use super::home::{Home, Place};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use render_signal::calendar::Timestamp;
use render_signal::contract::Subject;
use render_signal::ledger::{
    Admitted, Attempt, LeaseRequest, MailState, Next, Plan, Planned, Recorded, Report, Verdict, Work,
};
use render_signal::ports::Ledger;
use std::time::Duration;

const ACCEPT: Verdict = Verdict::Accept { group: None };
const FOUR: LeaseRequest = LeaseRequest { max: 100, per_target: 4, hourly: None };

async fn key(home: &Home, command: &str, key: &str, rest: &[&str]) -> redis::Value {
    let mut cmd = redis::cmd(command);
    cmd.arg(format!("{}{key}", home.prefix));
    for word in rest {
        cmd.arg(*word);
    }
    home.link.command(&cmd).await.unwrap()
}

#[tokio::test]
async fn texts_of_any_kind_come_back_as_they_were() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 64, ..ProptestConfig::default() });
    let strategy = (any::<String>(), any::<String>(), any::<String>(), proptest::option::of(any::<String>()));
    let texts: Vec<_> = (0..64)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .chain([("", "", "", Some("")), (" bare", "%s{}\0", "-", Some("- bare:*")), ("\0", "\r\n", "'", None)].map(
            |(message_id, subject, body, thread)| {
                (message_id.to_owned(), subject.to_owned(), body.to_owned(), thread.map(ToOwned::to_owned))
            },
        ))
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    for (message_id, subject, body, thread_id) in texts {
        let mut new = desk.mail(&subject, &body);
        new.mail.subject = subject;
        new.mail.message_id = Some(message_id.clone());
        new.mail.thread_id = thread_id;
        let answer = desk.try_admit(new.clone(), ACCEPT).await.unwrap();
        if !seen.insert(message_id) {
            assert!(matches!(answer, Admitted::Known { .. }));
            continue;
        }
        assert_eq!(answer, Admitted::Queued(new.id.clone()));
        let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
        assert_eq!(lease.mail.mail, new.mail);
        let mut repeat = desk.mail("other", "other");
        repeat.mail.message_id = new.mail.message_id;
        let known = desk.try_admit(repeat, ACCEPT).await.unwrap();
        assert_eq!(known, Admitted::Known { mail: new.id, ended: false });
    }
}

/// Lanes are told apart whatever their targets are called, the lane of processing included.
#[tokio::test]
async fn lanes_with_strange_names_have_caps_of_their_own() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let names = ["a", "a:1", "a:1:0", "p", "t:p", "*process", "", " ", "\0", "é\n", "{x}", "due:p:1", "1"];
    let count = names.len();
    for _ in 0..6 {
        desk.take("x").await;
    }
    for lease in home.ledger.lease_due(ALL).await.unwrap().leases {
        let deliveries = names.iter().map(|name| delivery(&lease.mail.id, name)).collect();
        let none = LeaseRequest { max: 0, ..FOUR };
        home.ledger.plan(&lease.token, Plan::Deliver { deliveries, detector: None }, none).await.unwrap();
    }
    let batch = home.ledger.lease_due(FOUR).await.unwrap();
    assert_eq!(batch.leases.len(), 4 * count);
    for lease in &batch.leases {
        desk.record(&lease.token, Next::Delivered).await;
    }
    let rest = home.ledger.lease_due(FOUR).await.unwrap();
    assert_eq!(rest.leases.len(), 2 * count);
    for name in names {
        let of_name = rest.leases.iter().filter(|lease| match &lease.work {
            Work::Deliver(job) => job.target == name,
            Work::Process => false,
        });
        assert_eq!(of_name.count(), 2, "{name:?}");
    }
}

#[tokio::test]
async fn numbers_beyond_32_bits_come_back_as_they_were() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let (mail, tokens) = desk.sending("x", &["a"]).await;
    assert!(tokens[0].work > i64::from(i32::MAX) && tokens[0].fence > i64::from(i32::MAX));
    let far = Timestamp::from_millis(253_402_300_799_999);
    let attempt = Attempt {
        started_at: desk.now(),
        duration_ms: u64::MAX,
        code: "send_timeout".to_owned(),
        status: Some(u16::MAX),
        modes: vec!["json".to_owned(), "for m".to_owned()],
        payload_bytes: u64::MAX,
        payload_digest: "0".repeat(64),
        snippet: Some("a b\n\0 \" é".to_owned()),
        failure_reason: Some(String::new()),
    };
    let report = Report { attempt: Some(attempt.clone()), next: Next::Retry(far) };
    assert_eq!(home.ledger.record(&tokens[0], report).await, Ok(Recorded::Applied));
    let life = home.ledger.life(&mail).await.unwrap().unwrap();
    assert_eq!(life.deliveries[0].attempts[0].attempt, attempt);
    assert_eq!(life.deliveries[0].due_at, Some(far));
    assert_eq!(home.ledger.lease_due(ALL).await.unwrap().next_due, Some(far));
    home.set_time(far).await;
    assert_eq!(home.ledger.lease_due(ALL).await.unwrap().leases.len(), 1);
}

#[tokio::test]
async fn forgotten_scripts_are_loaded_again() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let flush = async || home.link.command(redis::cmd("SCRIPT").arg("FLUSH")).await.unwrap();
    flush().await;
    let mail = desk.take("x").await;
    flush().await;
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    flush().await;
    assert_eq!(home.ledger.renew(&lease.token).await, Ok(true));
    flush().await;
    let plan = Plan::Deliver { deliveries: vec![delivery(&mail, "a")], detector: None };
    let Planned::Recorded(jobs) = home.ledger.plan(&lease.token, plan, ALL).await.unwrap() else { panic!("stale") };
    flush().await;
    desk.record(&jobs[0].0, Next::Delivered).await;
    assert_eq!(home.ledger.life(&mail).await.unwrap().unwrap().mail.state, MailState::Delivered);
}

/// Whoever held work of a store that was emptied is stale, in the new one too: no number is given twice.
#[tokio::test]
async fn a_store_that_is_emptied_knows_nobody_and_goes_on() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let (_, before) = desk.sending("x", &["a", "b"]).await;
    let processing = desk.take("y").await;
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    assert_eq!(lease.mail.id, processing);
    home.link.command(&redis::cmd("FLUSHALL")).await.unwrap();
    let delivered = || Report { attempt: None, next: Next::Delivered };
    assert_eq!(home.ledger.record(&before[0], delivered()).await, Ok(Recorded::Stale));
    assert_eq!(home.ledger.renew(&before[1]).await, Ok(false));
    let plan = Plan::Deliver { deliveries: vec![delivery(&processing, "a")], detector: None };
    assert_eq!(home.ledger.plan(&lease.token, plan, ALL).await, Ok(Planned::Stale));
    assert_eq!(home.ledger.is_understood().await, Ok(()), "nor does a command begin a ledger");
    assert_eq!(home.link.command(&redis::cmd("DBSIZE")).await, Ok(redis::Value::Int(0)), "nothing half-written");
    let (ledger, emptied) = home.telling();
    let batch = ledger.lease_due(ALL).await.unwrap();
    assert_eq!((batch.leases.len(), batch.next_due, emptied()), (0, None, 1));
    ledger.lease_due(ALL).await.unwrap();
    assert_eq!(emptied(), 1, "said once");
    let (mail, after) = desk.sending("z", &["a", "b"]).await;
    for (old, new) in before.iter().zip(&after) {
        assert!(new.work > old.work && new.fence > old.fence);
        assert_eq!(home.ledger.record(old, delivered()).await, Ok(Recorded::Stale));
    }
    for token in &after {
        desk.record(token, Next::Delivered).await;
    }
    assert_eq!(home.ledger.life(&mail).await.unwrap().unwrap().mail.state, MailState::Delivered);
}

/// What is damaged, by which command, of which key, with which words.
type Damage = (&'static str, &'static str, &'static str, &'static [&'static str]);

#[tokio::test]
async fn a_damaged_row_is_put_off_and_stops_no_other() {
    let place = Place::new();
    let damages: [Damage; 9] = [
        ("a body that is gone", "DEL", "body", &[]),
        ("a body cut short", "SETRANGE", "body", &["0", "more than there was, and so not as long"]),
        ("a head that is gone", "DEL", "head", &[]),
        ("a head that is no JSON", "SET", "head", &["{"]),
        ("a job that is gone", "DEL", "job", &[]),
        ("a job that is no JSON", "SET", "job", &["[]"]),
        ("a row of another kind", "SET", "mail", &["x"]),
        ("a size that is no number", "HSET", "mail", &["body_bytes", "x"]),
        ("a delivery of no mail", "HDEL", "delivery", &["mail"]),
    ];
    for (name, command, what, rest) in damages {
        let home = place.home().await;
        let desk = Desk::at(&home);
        let (damaged, tokens) = desk.sending("x", &["a"]).await;
        let soon = desk.now().plus(Duration::from_mins(1));
        desk.record(&tokens[0], Next::Retry(soon)).await;
        let (sound, tokens_of_sound) = desk.sending("y", &["a"]).await;
        desk.record(&tokens_of_sound[0], Next::Retry(soon)).await;
        desk.wait(Duration::from_mins(1)).await;
        let redis::Value::BulkString(seq) = key(&home, "GET", &format!("mail_id:{damaged}"), &[]).await else {
            panic!("{name}");
        };
        let seq = match what {
            "job" | "delivery" => tokens[0].work.to_string(),
            _ => String::from_utf8(seq).unwrap(),
        };
        if what == "mail" && command == "SET" {
            key(&home, "DEL", &format!("{what}:{seq}"), &[]).await;
        }
        key(&home, command, &format!("{what}:{seq}"), rest).await;
        let batch = home.ledger.lease_due(ALL).await.unwrap();
        assert_eq!(batch.leases.iter().map(|lease| &lease.mail.id).collect::<Vec<_>>(), [&sound], "{name}");
        assert_eq!(home.ledger.lease_due(ALL).await.unwrap().leases, [], "{name}: it is in nobody's way");
        desk.record(&batch.leases[0].token, Next::Delivered).await;
        let next = home.ledger.lease_due(ALL).await.unwrap().next_due;
        assert_eq!(next, Some(desk.now().plus(Duration::from_hours(1))), "{name}: it is looked at again");
        desk.wait(Duration::from_hours(1)).await;
        assert_eq!(home.ledger.lease_due(ALL).await.unwrap().leases, [], "{name}");
    }
}

#[tokio::test]
async fn a_mail_that_is_not_whole_says_so_and_goes_on_when_it_is() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let (mail, tokens) = desk.sending("x", &["a"]).await;
    desk.record(&tokens[0], Next::Retry(desk.now())).await;
    let job = format!("job:{}", tokens[0].work);
    let redis::Value::BulkString(kept) = key(&home, "GET", &job, &[]).await else { panic!("no job") };
    key(&home, "SET", &job, &["{}"]).await;
    assert_eq!(home.ledger.lease_due(ALL).await.unwrap().leases, []);
    let life = home.ledger.life(&mail).await;
    key(&home, "SET", &job, &[std::str::from_utf8(&kept).unwrap()]).await;
    let life = life.ok().flatten().or(home.ledger.life(&mail).await.unwrap()).unwrap();
    assert_eq!((life.mail.state, life.mail.reason.as_deref()), (MailState::Held, Some("store_corrupt")));
    desk.wait(Duration::from_hours(1)).await;
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    assert_eq!(lease.mail.id, mail);
    desk.record(&lease.token, Next::Delivered).await;
}

/// What every server uses: no time is given, and the server's own counts.
#[tokio::test]
async fn by_the_servers_clock_a_lease_ends_a_minute_from_now() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let ledger = home.by_the_servers_clock();
    let time = async || {
        let time: (i64, i64) = redis::from_redis_value(home.link.command(&redis::cmd("TIME")).await.unwrap()).unwrap();
        Timestamp::from_millis(time.0 * 1_000 + time.1 / 1_000)
    };
    let mail = desk.mail("Lot 42", "x");
    let before = time().await;
    let admission = render_signal::ledger::Admission {
        verdict: ACCEPT,
        dedup: render_signal::ledger::Dedup::On,
        config_version: 0,
    };
    assert_eq!(ledger.admit(mail.clone(), admission).await, Ok(Admitted::Queued(mail.id.clone())));
    let lease = ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    let after = time().await;
    let minute = Duration::from_mins(1);
    assert!(lease.until >= before.plus(minute) && lease.until <= after.plus(minute), "{:?}", lease.until);
    let received = ledger.life(&mail.id).await.unwrap().unwrap().events.remove(0);
    assert!(received.at >= before && received.at <= after);
    let number = u64::try_from(received.seq / 1_000).unwrap();
    assert!(number >= u64::try_from(before.as_millis()).unwrap(), "numbers are the time in microseconds");
}

/// A server that began without Redis finds a store that it never saw: nothing was lost there.
#[tokio::test]
async fn a_store_that_is_new_was_not_emptied() {
    let place = Place::new();
    let home = place.home().await;
    let () = place.server.ask(&["FLUSHALL"]);
    let (ledger, emptied) = home.telling();
    let late = super::super::RedisLedger { watch: std::sync::Arc::default(), ..ledger };
    late.lease_due(ALL).await.unwrap();
    assert_eq!(emptied(), 0);
    let () = place.server.ask(&["FLUSHALL"]);
    late.lease_due(ALL).await.unwrap();
    assert_eq!(emptied(), 1);
}
