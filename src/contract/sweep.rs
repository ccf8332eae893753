//! Retention: two clocks from the end state, and never anything that has not ended.

use super::bench::{Bench, HOUR, MILLISECOND, days};
use super::{Subject, promises};
use crate::ledger::{Admitted, GroupClaim, HoldReason, MailState, Next, Retention, SkipReason, Swept, Verdict};
use crate::mail::MailId;
use crate::ports::Ledger;

promises!("sweep":
    a_body_goes_after_its_time,
    a_record_goes_after_its_time_with_all_that_was_its,
    a_record_stays_as_long_as_its_claims,
    what_has_not_ended_never_goes,
    a_dead_letter_stays_90_days,
    a_dismissed_dead_letter_goes_like_any_other,
    a_replayed_dead_letter_counts_from_its_new_end,
    a_page_is_no_larger_than_100_and_asks_for_more,
    expired_groups_go,
    swept_mails_are_gone_from_the_search,
);

const USUAL: Retention = Retention { bodies: days(7), records: days(30) };

async fn a_body_goes_after_its_time<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Delivered).await;
    bench.wait_almost(days(7)).await;
    assert_eq!(sweep(bench).await, Swept::default());
    bench.wait(MILLISECOND).await;
    assert_eq!(sweep(bench).await, Swept { bodies: 1, ..Swept::default() });
    assert_eq!(sweep(bench).await, Swept::default(), "once");
    let life = bench.life(&mail).await;
    assert_eq!((life.mail.state, life.deliveries.len(), life.mail.body_bytes), (MailState::Delivered, 1, 5));
}

async fn a_record_goes_after_its_time_with_all_that_was_its<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Delivered).await;
    let delivery = bench.life(&mail).await.deliveries.remove(0).id;
    bench.wait_almost(days(30)).await;
    assert_eq!(sweep(bench).await.records, 0);
    bench.wait(MILLISECOND).await;
    let swept = sweep(bench).await;
    assert_eq!((swept.records, swept.claims, swept.more), (1, 2, false), "the record, its message and content claims");
    assert_eq!(bench.ledger().life(&mail).await, Ok(None));
    assert_eq!(bench.ledger().life_of_delivery(&delivery).await, Ok(None));
    assert!(bench.mails().await.is_empty());
    assert!(bench.ledger().stats().await.expect("stats").mails.iter().all(|(_, count)| *count == 0));
    assert_eq!(sweep(bench).await, Swept::default());
}

async fn a_record_stays_as_long_as_its_claims<S: Subject>(bench: &Bench<'_, S>) {
    let short = Retention { bodies: HOUR, records: HOUR };
    let mail = bench.sent("a", Next::Delivered).await;
    let message_id = bench.life(&mail).await.message_id;
    bench.wait(days(29)).await;
    bench.ledger().sweep(&short).await.expect("sweep");
    let again = bench.mail(message_id.as_deref(), "y");
    assert_eq!(bench.admit(again).await, Admitted::Known { mail, ended: true });
}

async fn what_has_not_ended_never_goes<S: Subject>(bench: &Bench<'_, S>) {
    let later = bench.now().plus(days(1_000));
    let held = bench.held(HoldReason::NoTarget, None).await;
    let waiting = bench.held(HoldReason::OutsideWindow, Some(later)).await;
    let retrying = bench.sent("a", Next::Retry(later)).await;
    let gone = bench.sent("b", Next::TargetGone).await;
    let queued = bench.take_any().await;
    bench.wait(days(400)).await;
    assert_eq!(sweep(bench).await, Swept::default());
    for mail in [&held, &waiting, &retrying, &gone, &queued] {
        bench.life(mail).await;
    }
    let lease = bench.lease_one().await;
    assert_eq!((lease.mail.id, lease.mail.mail.body.as_str()), (queued, "any 4"));
}

async fn a_dead_letter_stays_90_days<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Failed).await;
    bench.wait_almost(days(90)).await;
    assert_eq!((sweep(bench).await.bodies, sweep(bench).await.records), (0, 0));
    assert_eq!(bench.state(&mail).await, MailState::Failed);
    bench.wait(MILLISECOND).await;
    let mut records = 0;
    loop {
        let swept = sweep(bench).await;
        records += swept.records;
        if !swept.more {
            break;
        }
    }
    assert_eq!(records, 1);
    assert_eq!(bench.ledger().life(&mail).await, Ok(None));
}

async fn a_dismissed_dead_letter_goes_like_any_other<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Failed).await;
    bench.wait(days(40)).await;
    bench.ledger().dismiss(&mail).await.expect("dismiss");
    bench.wait_almost(days(30)).await;
    assert_eq!(sweep(bench).await.records, 0);
    bench.wait(MILLISECOND).await;
    assert_eq!(sweep(bench).await.records, 1);
}

async fn a_replayed_dead_letter_counts_from_its_new_end<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.sent("a", Next::Failed).await;
    bench.wait(days(60)).await;
    bench.ledger().replay(&mail).await.expect("replay");
    bench.wait(days(60)).await;
    assert_eq!(sweep(bench).await, Swept::default(), "under way again");
    let (token, _) = bench.lease_delivery().await;
    bench.applied(&token, bench.tried(Next::Delivered)).await;
    bench.wait_almost(days(30)).await;
    assert_eq!(sweep(bench).await.records, 0);
    bench.wait(MILLISECOND).await;
    assert_eq!(sweep(bench).await.records, 1);
}

async fn a_page_is_no_larger_than_100_and_asks_for_more<S: Subject>(bench: &Bench<'_, S>) {
    for n in 0..130 {
        skipped(bench, n).await;
    }
    bench.wait(days(8)).await;
    assert_eq!(drained(bench, |swept| swept.bodies).await, 130);
    bench.wait(days(22)).await;
    assert_eq!(drained(bench, |swept| swept.records).await, 130);
    assert!(bench.mails().await.is_empty());
}

async fn expired_groups_go<S: Subject>(bench: &Bench<'_, S>) {
    let expires_at = bench.now().plus(days(2));
    let group = GroupClaim { key: "2026-04:lot_9".to_owned(), expires_at };
    bench.admit_as(bench.mail(None, "x"), Verdict::Accept { group: Some(group) }).await;
    bench.set_time(expires_at.minus(MILLISECOND)).await;
    assert_eq!(sweep(bench).await.claims, 0);
    bench.set_time(expires_at).await;
    assert_eq!(sweep(bench).await.claims, 1);
}

async fn swept_mails_are_gone_from_the_search<S: Subject>(bench: &Bench<'_, S>) {
    skipped(bench, 1).await;
    bench.wait(days(30)).await;
    assert_eq!(drained(bench, |swept| swept.records).await, 1);
    let kept = skipped(bench, 2).await;
    let filter = crate::ledger::MailFilter { text: Some("planning".to_owned()), limit: 10, ..Default::default() };
    let found = bench.ledger().list(&filter).await.expect("list").mails;
    assert_eq!(found.into_iter().map(|mail| mail.id).collect::<Vec<_>>(), [kept]);
}

async fn sweep<S: Subject>(bench: &Bench<'_, S>) -> Swept {
    bench.ledger().sweep(&USUAL).await.expect("sweep")
}

/// Sweeps until nothing more is left; how much went.
async fn drained<S: Subject>(bench: &Bench<'_, S>, count: fn(&Swept) -> u64) -> u64 {
    let mut gone = 0;
    loop {
        let swept = sweep(bench).await;
        assert!(swept.bodies <= 100 && swept.records <= 100, "one page: {swept:?}");
        gone += count(&swept);
        if !swept.more {
            return gone;
        }
    }
}

/// Takes a mail that ends at once.
async fn skipped<S: Subject>(bench: &Bench<'_, S>, n: u32) -> MailId {
    let new = bench.mail(Some(&n.to_string()), &n.to_string());
    let id = new.id.clone();
    bench.admit_as(new, Verdict::Skip(SkipReason::NoLinks)).await;
    id
}
