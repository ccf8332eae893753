//! One mail a subject group and month, when that is switched on.

use super::bench::{Bench, MILLISECOND, days};
use super::{Subject, promises};
use crate::calendar::Timestamp;
use crate::ledger::{Admitted, GroupClaim, MailState, Retention, SkipReason, Verdict};
use crate::mail::MailId;
use crate::ports::Ledger;

promises!("groups":
    the_second_mail_of_a_group_is_skipped,
    a_mail_skipped_for_its_group_is_claimed,
    another_group_or_another_month_is_free,
    a_group_is_free_again_when_its_time_has_come,
    a_mail_without_a_group_meets_none,
    a_repeat_is_answered_before_its_group,
    a_group_outlives_the_record_of_its_mail,
);

async fn the_second_mail_of_a_group_is_skipped<S: Subject>(bench: &Bench<'_, S>) {
    let until = bench.now().plus(days(20));
    taken(bench, "2026-04:lot_9", until).await;
    let second = skipped(bench, "2026-04:lot_9", until).await;
    let summary = bench.life(&second).await.mail;
    assert_eq!((summary.state, summary.reason.as_deref()), (MailState::Skipped, Some("subject_group_repeat")));
    assert_eq!(summary.ended_at, Some(bench.now()));
    bench.lease_one().await; // the first alone
}

async fn a_mail_skipped_for_its_group_is_claimed<S: Subject>(bench: &Bench<'_, S>) {
    let until = bench.now().plus(days(20));
    taken(bench, "2026-04:lot_9", until).await;
    let second = skipped(bench, "2026-04:lot_9", until).await;
    let message_id = bench.life(&second).await.message_id;
    let again = bench.admit(bench.mail(message_id.as_deref(), "y")).await;
    assert_eq!(again, Admitted::Known { mail: second, ended: true });
}

async fn another_group_or_another_month_is_free<S: Subject>(bench: &Bench<'_, S>) {
    let until = bench.now().plus(days(20));
    for key in ["2026-04:lot_9", "2026-04:lot_09", "2026-05:lot_9"] {
        taken(bench, key, until).await;
    }
}

async fn a_group_is_free_again_when_its_time_has_come<S: Subject>(bench: &Bench<'_, S>) {
    let until = bench.now().plus(days(2));
    taken(bench, "2026-04:lot_9", until).await;
    bench.set_time(until.minus(MILLISECOND)).await;
    skipped(bench, "2026-04:lot_9", until.plus(days(2))).await; // does not make it last longer
    bench.set_time(until).await;
    taken(bench, "2026-04:lot_9", until.plus(days(2))).await;
    bench.wait(days(1)).await;
    skipped(bench, "2026-04:lot_9", until.plus(days(2))).await;
}

async fn a_mail_without_a_group_meets_none<S: Subject>(bench: &Bench<'_, S>) {
    taken(bench, "2026-04:lot_9", bench.now().plus(days(2))).await;
    bench.take_any().await;
    bench.take_any().await;
}

async fn a_repeat_is_answered_before_its_group<S: Subject>(bench: &Bench<'_, S>) {
    let first = taken(bench, "2026-04:lot_9", bench.now().plus(days(2))).await;
    let message_id = bench.life(&first).await.message_id;
    let again = bench.mail(message_id.as_deref(), "y");
    let group = GroupClaim { key: "2026-04:lot_9".to_owned(), expires_at: bench.now().plus(days(2)) };
    let answer = bench.admit_as(again, Verdict::Accept { group: Some(group) }).await;
    assert_eq!(answer, Admitted::Known { mail: first, ended: false });
}

async fn a_group_outlives_the_record_of_its_mail<S: Subject>(bench: &Bench<'_, S>) {
    let until = bench.now().plus(days(60));
    let first = taken(bench, "2026-04:lot_9", until).await;
    let lease = bench.lease_one().await;
    let skip = crate::ledger::Plan::Skip { reason: SkipReason::NoLinks, detector: None };
    bench.planned(&lease.token, skip, super::bench::ALL).await;
    bench.wait(days(31)).await;
    let swept = bench.ledger().sweep(&Retention { bodies: days(7), records: days(30) }).await.expect("sweep");
    assert_eq!(swept.records, 1);
    assert_eq!(bench.ledger().life(&first).await, Ok(None));
    skipped(bench, "2026-04:lot_9", until).await;
}

async fn taken<S: Subject>(bench: &Bench<'_, S>, key: &str, until: Timestamp) -> MailId {
    let (id, answer) = admit(bench, key, until).await;
    assert_eq!(answer, Admitted::Queued(id.clone()), "{key}");
    id
}

async fn skipped<S: Subject>(bench: &Bench<'_, S>, key: &str, until: Timestamp) -> MailId {
    let (id, answer) = admit(bench, key, until).await;
    assert_eq!(answer, Admitted::Skipped(id.clone(), SkipReason::SubjectGroup), "{key}");
    id
}

/// Admits a mail of its own under a group.
async fn admit<S: Subject>(bench: &Bench<'_, S>, key: &str, expires_at: Timestamp) -> (MailId, Admitted) {
    let mut new = bench.mail(None, key);
    new.mail.message_id = Some(new.id.as_str().to_owned());
    let id = new.id.clone();
    let group = GroupClaim { key: key.to_owned(), expires_at };
    (id, bench.admit_as(new, Verdict::Accept { group: Some(group) }).await)
}
