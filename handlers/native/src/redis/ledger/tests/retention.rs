//! What is swept leaves nothing behind, and a body that nobody sweeps goes by itself, never before its time.

use super::desk::{ALL, Desk, days};
use super::home::{Home, Place};
use redis::{Value, from_redis_value_ref};
use render_signal::ledger::{
    Admitted, GroupClaim, HoldReason, NewMail, Next, Pass, Release, Retention, Selection, Verdict,
};
use render_signal::mail::MailId;
use render_signal::ports::Ledger;
use std::collections::BTreeSet;
use std::time::Duration;

const USUAL: Retention = Retention { bodies: days(7), records: days(30) };

/// A day after a sweep would have removed it.
const EXPIRY: Duration = days(8);
const DEAD_LETTER_EXPIRY: Duration = days(91);

async fn command(home: &Home, words: &[&str]) -> Value {
    home.link.command(redis::cmd(words[0]).arg(&words[1..])).await.unwrap()
}

/// The names of all keys of a ledger, without their prefix.
async fn keys(home: &Home) -> BTreeSet<String> {
    let all = command(home, &["KEYS", "*"]).await;
    let all: Vec<String> = from_redis_value_ref(&all).unwrap();
    all.iter().filter_map(|key| key.strip_prefix(&home.prefix)).map(ToOwned::to_owned).collect()
}

async fn body_key(home: &Home, mail: &MailId) -> String {
    let seq = command(home, &["GET", &format!("{}mail_id:{mail}", home.prefix)]).await;
    format!("{}body:{}", home.prefix, from_redis_value_ref::<String>(&seq).unwrap())
}

/// How long a mail's body has to live; `None` when it lives as long as it is not removed.
async fn expiry(home: &Home, mail: &MailId) -> Option<Duration> {
    match command(home, &["PTTL", &body_key(home, mail).await]).await {
        Value::Int(-1) => None,
        Value::Int(left @ 0..) => Some(Duration::from_millis(left.unsigned_abs())),
        other => panic!("the body of {mail} is gone: {other:?}"),
    }
}

fn is_about(left: Option<Duration>, expected: Duration) {
    let left = left.expect("it expires");
    assert!(left <= expected && left + Duration::from_mins(1) > expected, "{left:?}, not {expected:?}");
}

/// Sweeps until nothing more is left; how many bodies and records went.
async fn drained(home: &Home, retention: &Retention) -> (u64, u64) {
    let (mut bodies, mut records) = (0, 0);
    loop {
        let swept = home.ledger.sweep(retention).await.unwrap();
        (bodies, records) = (bodies + swept.bodies, records + swept.records);
        if !swept.more {
            return (bodies, records);
        }
    }
}

#[tokio::test]
async fn a_swept_mail_leaves_no_key() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    desk.skip("Planning", "skipped").await;
    desk.sent("delivered", Next::Delivered).await;
    let failed = desk.sent("failed", Next::Failed).await;
    home.ledger.replay(&failed).await.unwrap();
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    desk.record(&lease.token, Next::Retry(desk.now())).await;
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    desk.record(&lease.token, Next::Failed).await;
    let closed = desk.sent("closed", Next::Failed).await;
    home.ledger.dismiss(&closed).await.unwrap();
    let held = desk.held("held", HoldReason::NoTarget).await;
    home.ledger.release(Release { which: Selection::Mail(held.clone()), pass: Pass::Due }).await.unwrap();
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    let again = render_signal::ledger::Plan::Hold { reason: HoldReason::ByRule, until: None, detector: None };
    home.ledger.plan(&lease.token, again, ALL).await.unwrap();
    home.ledger.dismiss(&held).await.unwrap();
    let (_, tokens) = desk.sending("two", &["a", "b"]).await;
    desk.record(&tokens[0], Next::Delivered).await;
    desk.record(&tokens[1], Next::TargetGone).await;
    home.ledger.release(Release { which: Selection::Target("b".to_owned()), pass: Pass::SendNow }).await.unwrap();
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    desk.record(&lease.token, Next::Delivered).await;
    let group = GroupClaim { key: "2026-04:lot".to_owned(), expires_at: desk.now().plus(days(20)) };
    let grouped = desk.mail("Lot", "grouped");
    desk.try_admit(grouped.clone(), Verdict::Accept { group: Some(group) }).await.unwrap();
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    let skip = render_signal::ledger::Plan::Skip {
        reason: render_signal::ledger::SkipReason::NoLinks,
        detector: Some("x".to_owned()),
    };
    home.ledger.plan(&lease.token, skip, ALL).await.unwrap();
    desk.wait(days(91)).await;
    assert_eq!(drained(&home, &USUAL).await, (7, 7));
    // What belongs to no mail stays; `lanes` is a bound that the next lease corrects.
    home.ledger.lease_due(ALL).await.unwrap();
    assert_eq!(keys(&home).await, BTreeSet::from(["meta".to_owned()]));
}

#[tokio::test]
async fn a_record_goes_with_a_body_that_no_page_had_room_for() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let old = desk.skip("Planning", "old").await;
    let key = body_key(&home, &old).await;
    desk.wait(days(23)).await;
    for n in 0..100 {
        desk.sent(&n.to_string(), Next::Delivered).await;
    }
    desk.wait(days(8)).await;
    let swept = home.ledger.sweep(&USUAL).await.unwrap();
    assert_eq!((swept.bodies, swept.records, swept.more), (100, 1, true));
    assert_eq!(command(&home, &["EXISTS", &key]).await, Value::Int(0));
    assert_eq!(home.ledger.sweep(&USUAL).await.unwrap().bodies, 0, "it is on no list any more");
}

#[tokio::test]
async fn a_swept_mail_leaves_the_claims_that_another_took_over() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let long = Retention { bodies: days(7), records: days(40) };
    let skip = || Verdict::Skip(render_signal::ledger::SkipReason::NoLinks);
    let first = desk.mail("Planning", "x");
    desk.try_admit(first.clone(), skip()).await.unwrap();
    desk.wait(days(31)).await;
    let second = NewMail { id: desk.mail("Planning", "x").id, ..first.clone() };
    let admitted = desk.try_admit(second.clone(), skip()).await;
    assert!(matches!(admitted, Ok(Admitted::Skipped(..))), "the claims of the first are over: {admitted:?}");
    desk.wait(days(10)).await;
    let swept = home.ledger.sweep(&long).await.unwrap();
    assert_eq!((swept.records, swept.claims), (1, 0));
    let third = NewMail { id: desk.mail("Planning", "x").id, ..first };
    assert_eq!(desk.try_admit(third, skip()).await, Ok(Admitted::Known { mail: second.id, ended: true }));
}

#[tokio::test]
async fn the_body_of_a_mail_that_ended_expires() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let queued = desk.take("queued").await;
    assert_eq!(expiry(&home, &queued).await, None);
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    assert_eq!(lease.mail.id, queued);
    let held = desk.held("held", HoldReason::NoTarget).await;
    let retrying = desk.sent("retrying", Next::Retry(desk.now().plus(days(3)))).await;
    let gone = desk.sent("gone", Next::TargetGone).await;
    for mail in [&queued, &held, &retrying, &gone] {
        assert_eq!(expiry(&home, mail).await, None, "it has not ended");
    }
    let command = Release { which: Selection::Target("a".to_owned()), pass: Pass::Due };
    home.ledger.release(command).await.unwrap();
    for lease in home.ledger.lease_due(ALL).await.unwrap().leases {
        assert_eq!(lease.mail.id, gone);
        desk.record(&lease.token, Next::Delivered).await;
    }
    let skipped = desk.skip("Planning", "skipped").await;
    let delivered = desk.sent("delivered", Next::Delivered).await;
    home.ledger.dismiss(&held).await.unwrap();
    for mail in [&gone, &skipped, &delivered, &held] {
        is_about(expiry(&home, mail).await, EXPIRY);
    }
    assert_eq!(expiry(&home, &retrying).await, None);
}

#[tokio::test]
async fn a_dead_letter_expires_late_and_not_while_it_is_sent_again() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.sent("x", Next::Failed).await;
    is_about(expiry(&home, &mail).await, DEAD_LETTER_EXPIRY);
    home.ledger.replay(&mail).await.unwrap();
    assert_eq!(expiry(&home, &mail).await, None, "it is under way again");
    let lease = home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
    assert_eq!(lease.mail.mail.body, "x");
    desk.record(&lease.token, Next::Failed).await;
    is_about(expiry(&home, &mail).await, DEAD_LETTER_EXPIRY);
    home.ledger.dismiss(&mail).await.unwrap();
    is_about(expiry(&home, &mail).await, EXPIRY);
}

#[tokio::test]
async fn a_body_that_expired_by_itself_is_one_no_longer_kept() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.sent("x", Next::Failed).await;
    let before = home.ledger.life(&mail).await.unwrap().unwrap();
    command(&home, &["DEL", &body_key(&home, &mail).await]).await;
    assert_eq!(home.ledger.replay(&mail).await, Ok(0));
    assert_eq!(home.ledger.life(&mail).await.unwrap().unwrap(), before, "still a dead letter");
    assert!(home.ledger.lease_due(ALL).await.unwrap().leases.is_empty());
    assert_eq!(home.ledger.dismiss(&mail).await, Ok(1));
    desk.wait(days(31)).await;
    assert_eq!(drained(&home, &USUAL).await.1, 1);
    assert_eq!(home.ledger.life(&mail).await, Ok(None));
}

#[tokio::test]
async fn much_that_is_held_is_let_go_page_by_page_and_once() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    for n in 0..120 {
        desk.take(&n.to_string()).await;
    }
    let hold = || render_signal::ledger::Plan::Hold { reason: HoldReason::NoTarget, until: None, detector: None };
    for lease in home.ledger.lease_due(ALL).await.unwrap().leases {
        home.ledger.plan(&lease.token, hold(), ALL).await.unwrap();
    }
    desk.wait(Duration::from_secs(1)).await;
    let which = Selection::Reason(HoldReason::NoTarget, desk.now());
    let release = Release { which, pass: Pass::Due };
    assert_eq!(home.ledger.release(release.clone()).await, Ok(120));
    assert_eq!(home.ledger.release(release).await, Ok(0));
    assert_eq!(home.ledger.lease_due(ALL).await.unwrap().leases.len(), 120);
}

#[tokio::test]
async fn settings_that_keep_bodies_longer_reach_those_of_before() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let failed = desk.sent("x", Next::Failed).await;
    let mut mails = Vec::new();
    for n in 0..230 {
        // Many ended at the same time, some later.
        if n > 220 {
            desk.wait(Duration::from_hours(1)).await;
        }
        mails.push(desk.skip("Planning", &n.to_string()).await);
    }
    let delivered = desk.sent("y", Next::Delivered).await;
    let crowded = Retention { bodies: days(365), records: days(365) };
    assert_eq!(drained(&home, &crowded).await, (0, 0));
    is_about(expiry(&home, &mails[0]).await, EXPIRY);
    let longer = super::super::RedisLedger { bodies: days(60), ..home.ledger.clone() };
    longer.prepare().await.unwrap();
    is_about(expiry(&home, &mails[0]).await, EXPIRY);
    while longer.sweep(&Retention { bodies: days(60), records: days(60) }).await.unwrap().more {}
    for mail in mails.iter().take(221).chain([&delivered]) {
        let late = if mail == &delivered { Duration::ZERO } else { Duration::from_hours(9) };
        is_about(expiry(&home, mail).await, days(61).checked_sub(late).unwrap());
    }
    is_about(expiry(&home, &mails[229]).await, days(61));
    is_about(expiry(&home, &failed).await, DEAD_LETTER_EXPIRY.checked_sub(Duration::from_hours(9)).unwrap());
    let again = longer.sweep(&Retention { bodies: days(60), records: days(60) }).await.unwrap();
    assert!(!again.more, "once");
    let last = desk.skip("Planning", "last").await;
    is_about(expiry(&home, &last).await, days(61));
}

/// What somebody removed by hand keeps neither the sweep nor what waits from going on.
#[tokio::test]
async fn rows_that_are_gone_are_in_nobodys_way() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let remove = async |row: &str, id: &str| {
        let seq = command(&home, &["GET", &format!("{}{row}_id:{id}", home.prefix)]).await;
        let seq = from_redis_value_ref::<String>(&seq).unwrap();
        command(&home, &["DEL", &format!("{}{row}:{seq}", home.prefix)]).await;
    };
    let sent = desk.sent("y", Next::Delivered).await;
    let waiting = desk.held("gone", HoldReason::NoTarget).await;
    desk.held("there", HoldReason::NoTarget).await;
    let (_, first) = desk.sending("gone too", &["a"]).await;
    desk.record(&first[0], Next::TargetGone).await;
    let ended = desk.skip("Planning", "x").await;
    desk.skip("Planning", "z").await;
    remove("mail", waiting.as_str()).await;
    command(&home, &["DEL", &format!("{}delivery:{}", home.prefix, first[0].work)]).await;
    remove("mail", ended.as_str()).await;
    remove("delivery", home.ledger.life(&sent).await.unwrap().unwrap().deliveries[0].id.as_str()).await;
    desk.wait(Duration::from_secs(1)).await;
    let release = |which| home.ledger.release(Release { which, pass: Pass::Due });
    assert_eq!(release(Selection::Reason(HoldReason::NoTarget, desk.now())).await, Ok(1));
    assert_eq!(release(Selection::Target("a".to_owned())).await, Ok(0));
    desk.wait(days(31)).await;
    assert_eq!(drained(&home, &USUAL).await, (2, 2));
    assert_eq!(drained(&home, &USUAL).await, (0, 0));
}
