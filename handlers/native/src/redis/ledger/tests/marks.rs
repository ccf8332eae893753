//! The marks of a predecessor's containers on the same Redis: what they took is not taken again, and none is ever written.

use super::desk::Desk;
use super::home::{Home, Place};
use render_signal::ledger::{Admission, Admitted, Dedup, LedgerError, NewMail, RefusalReason, Verdict};
use render_signal::ports::Ledger;

const ACCEPT: Verdict = Verdict::Accept { group: None };

/// `mail` as it is pushed again under another message id and with another body.
fn again(mail: &NewMail, message_id: Option<&str>, body: &str) -> NewMail {
    let mut again = mail.clone();
    again.id = render_signal::mail::MailId::new(mail.accepted_at, rand());
    again.mail.message_id = message_id.map(ToOwned::to_owned);
    again.mail.body = body.to_owned();
    again.digest = render_signal::mail::BodyDigest::of(body);
    again
}

fn rand() -> u128 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static LAST: AtomicU64 = AtomicU64::new(1_000_000);
    u128::from(LAST.fetch_add(1, Ordering::Relaxed))
}

async fn mark(home: &Home, kind: &str, mail: &NewMail, millis: u64) {
    let key = format!("{}{kind}:{}", home.marks, mail.email_id.as_str());
    home.link.command(redis::cmd("SET").arg(key).arg("1").arg("PX").arg(millis)).await.unwrap();
}

async fn admit(desk: &Desk<'_>, mail: NewMail) -> Admitted {
    desk.try_admit(mail, ACCEPT).await.unwrap()
}

fn is_new(answer: &Admitted) -> bool {
    matches!(answer, Admitted::Queued(_))
}

#[tokio::test]
async fn what_a_predecessor_took_is_a_repeat_whatever_it_says() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.mail("Lot 42", "x");
    mark(&home, "processed_email", &mail, 60_000).await;
    for body in ["x", "y", ""] {
        assert_eq!(admit(&desk, again(&mail, None, body)).await, Admitted::KnownElsewhere);
    }
    assert!(is_new(&admit(&desk, desk.mail("Lot 43", "x")).await), "another mail is new");
}

#[tokio::test]
async fn a_mark_learns_one_message_id() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.mail("Lot 42", "x");
    mark(&home, "processed_email", &mail, 60_000).await;
    for body in ["x", "y"] {
        assert_eq!(admit(&desk, again(&mail, Some("m1"), body)).await, Admitted::KnownElsewhere);
    }
    assert!(is_new(&admit(&desk, again(&mail, Some("m2"), "x")).await), "m1 is what the mark stands for");
    assert_eq!(admit(&desk, again(&mail, Some("m1"), "x")).await, Admitted::KnownElsewhere);
    assert!(matches!(admit(&desk, again(&mail, Some("m2"), "z")).await, Admitted::Known { .. }));
    let mut elsewhere = desk.mail("Lot 44", "q");
    elsewhere.mail.message_id = Some("m1".to_owned());
    assert_eq!(admit(&desk, elsewhere).await, Admitted::KnownElsewhere, "known by the message id alone");
}

#[tokio::test]
async fn what_a_mark_learned_ends_with_it() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.mail("Lot 42", "x");
    mark(&home, "processed_email", &mail, 400).await;
    assert_eq!(admit(&desk, again(&mail, Some("m1"), "x")).await, Admitted::KnownElsewhere);
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert!(is_new(&admit(&desk, again(&mail, Some("m1"), "x")).await));
}

#[tokio::test]
async fn a_mail_that_a_predecessor_works_on_is_left_with_the_client() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.mail("Lot 42", "x");
    mark(&home, "inflight_email", &mail, 300).await;
    for message_id in [None, Some("m1")] {
        let answer = desk.try_admit(again(&mail, message_id, "x"), ACCEPT).await;
        assert!(matches!(answer, Err(LedgerError::Unavailable(_))), "{answer:?}");
    }
    let refusal = Verdict::Refuse(RefusalReason::SendingDisabled);
    let refused = desk.try_admit(again(&mail, None, "x"), refusal).await.unwrap();
    assert_eq!(refused, Admitted::Refused(RefusalReason::SendingDisabled), "a refusal needs no store");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(is_new(&admit(&desk, again(&mail, Some("m1"), "x")).await), "the predecessor died of it");
}

#[tokio::test]
async fn our_own_record_comes_before_a_mark() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.mail("Lot 42", "x");
    let taken = again(&mail, Some("m1"), "x");
    assert!(is_new(&admit(&desk, taken.clone()).await));
    mark(&home, "processed_email", &mail, 60_000).await;
    mark(&home, "inflight_email", &mail, 60_000).await;
    let known = Admitted::Known { mail: taken.id.clone(), ended: false };
    assert_eq!(admit(&desk, again(&mail, Some("m1"), "y")).await, known);
    assert_eq!(admit(&desk, again(&mail, None, "x")).await, known);
}

#[tokio::test]
async fn without_dedup_marks_are_not_looked_at_and_none_is_ever_written() {
    let place = Place::new();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.mail("Lot 42", "x");
    mark(&home, "processed_email", &mail, 60_000).await;
    mark(&home, "inflight_email", &mail, 60_000).await;
    let off = Admission { verdict: ACCEPT, dedup: Dedup::Off, config_version: 0 };
    for message_id in [None, Some("m1")] {
        assert!(is_new(&home.ledger.admit(again(&mail, message_id, "x"), off.clone()).await.unwrap()));
    }
    admit(&desk, desk.mail("Lot 43", "x")).await;
    admit(&desk, again(&mail, Some("m2"), "x")).await;
    let pattern = format!("{}*_email:*", home.marks);
    let found = home.link.command(redis::cmd("KEYS").arg(pattern)).await.unwrap();
    let redis::Value::Array(found) = found else { panic!("{found:?}") };
    assert_eq!(found.len(), 2, "those that were there");
}
