//! Lists and counts.

use super::bench::{ALL, Bench, MINUTE, days};
use super::{Subject, promises};
use crate::ledger::{HoldReason, MailFilter, MailState, Next, SkipReason, Verdict};
use crate::mail::MailId;
use crate::ports::Ledger;

promises!("lists":
    mails_are_listed_newest_first,
    a_list_goes_page_by_page_without_gap_or_repeat,
    a_state_lists_its_mails_only,
    a_limit_is_held_within_its_bounds,
    a_summary_says_what_was_taken,
    stats_count_by_state,
    stats_say_what_is_in_flight_and_what_is_due,
    fullness_is_known,
);

async fn mails_are_listed_newest_first<S: Subject>(bench: &Bench<'_, S>) {
    let first = bench.take_any().await;
    bench.wait(MINUTE).await;
    let second = bench.take_any().await;
    let ids: Vec<_> = bench.mails().await.into_iter().map(|mail| mail.id).collect();
    assert_eq!(ids, [second, first]);
}

async fn a_list_goes_page_by_page_without_gap_or_repeat<S: Subject>(bench: &Bench<'_, S>) {
    let mut taken = Vec::new();
    for _ in 0..7 {
        taken.push(bench.take_any().await);
    }
    taken.reverse();
    for limit in [1, 2, 3, 6, 7, 8] {
        assert_eq!(pages(bench, None, limit).await, taken, "by {limit}");
    }
}

async fn a_state_lists_its_mails_only<S: Subject>(bench: &Bench<'_, S>) {
    let held = bench.held(HoldReason::NoTarget, None).await;
    let failed = bench.sent("a", Next::Failed).await;
    let delivered = bench.sent("a", Next::Delivered).await;
    let delivered_too = bench.sent("a", Next::Delivered).await;
    let retrying = bench.sent("a", Next::Retry(bench.now().plus(days(1)))).await;
    let queued = bench.take_any().await;
    let table = [
        (MailState::Held, vec![held]),
        (MailState::Failed, vec![failed]),
        (MailState::Delivered, vec![delivered_too, delivered]),
        (MailState::Retrying, vec![retrying]),
        (MailState::Queued, vec![queued]),
        (MailState::Skipped, vec![]),
    ];
    for (state, mails) in table {
        assert_eq!(pages(bench, Some(state), 1).await, mails, "{state:?}");
    }
}

async fn a_limit_is_held_within_its_bounds<S: Subject>(bench: &Bench<'_, S>) {
    bench.take_any().await;
    bench.take_any().await;
    for (limit, count) in [(0, 1), (1, 1), (500, 2), (u32::MAX, 2)] {
        let filter = MailFilter { limit, ..MailFilter::default() };
        assert_eq!(bench.ledger().list(&filter).await.expect("list").mails.len(), count, "{limit}");
    }
}

async fn a_summary_says_what_was_taken<S: Subject>(bench: &Bench<'_, S>) {
    let new = bench.mail(Some("m1"), "Bonjour é");
    bench.take(new.clone()).await;
    let summary = bench.mails().await.remove(0);
    assert_eq!((&summary.id, summary.email_id.as_str()), (&new.id, new.email_id.as_str()));
    assert_eq!((&summary.sender, &summary.subject), (&new.mail.sender, &new.mail.subject));
    assert_eq!((summary.accepted_at, summary.body_bytes), (new.accepted_at, 10));
    assert_eq!((summary.state, summary.reason, summary.detector), (MailState::Queued, None, None));
    assert_eq!((summary.hold_until, summary.ended_at), (None, None));
    assert_eq!(bench.life(&new.id).await.mail, bench.mails().await[0]);
}

async fn stats_count_by_state<S: Subject>(bench: &Bench<'_, S>) {
    let empty = bench.ledger().stats().await.expect("stats");
    assert_eq!(
        (empty.mails.iter().map(|(_, count)| count).sum::<u64>(), empty.in_flight, empty.oldest_due),
        (0, 0, None)
    );
    bench.sent("a", Next::Delivered).await;
    bench.sent("a", Next::Delivered).await;
    bench.sent("a", Next::Failed).await;
    bench.held(HoldReason::ByRule, None).await;
    bench.admit_as(bench.mail(None, "x"), Verdict::Skip(SkipReason::NoLinks)).await;
    let mut counts = bench.ledger().stats().await.expect("stats").mails;
    counts.retain(|(_, count)| *count > 0);
    counts.sort_by_key(|(state, _)| state.code());
    let expected = [(MailState::Delivered, 2), (MailState::Failed, 1), (MailState::Held, 1), (MailState::Skipped, 1)];
    assert_eq!(counts, expected);
}

async fn stats_say_what_is_in_flight_and_what_is_due<S: Subject>(bench: &Bench<'_, S>) {
    let later = bench.now().plus(MINUTE * 5);
    bench.sent("a", Next::Retry(later)).await;
    let stats = bench.ledger().stats().await.expect("stats");
    assert_eq!((stats.in_flight, stats.oldest_due), (0, Some(later)));
    let start = bench.now();
    bench.take_any().await;
    assert_eq!(bench.ledger().stats().await.expect("stats").oldest_due, Some(start));
    bench.lease(ALL).await;
    let stats = bench.ledger().stats().await.expect("stats");
    assert_eq!((stats.in_flight, stats.oldest_due), (1, Some(later)));
}

async fn fullness_is_known<S: Subject>(bench: &Bench<'_, S>) {
    bench.take_any().await;
    let fullness = bench.ledger().fullness().await.expect("fullness");
    assert!(fullness.limit.is_none_or(|limit| fullness.used <= limit), "{fullness:?}");
    assert!(fullness.percent() <= 100);
}

/// Every mail of a state, by pages of `limit`.
async fn pages<S: Subject>(bench: &Bench<'_, S>, state: Option<MailState>, limit: u32) -> Vec<MailId> {
    let mut filter = MailFilter { state, limit, ..MailFilter::default() };
    let mut seen = Vec::new();
    loop {
        let page = bench.ledger().list(&filter).await.expect("list");
        assert!(page.mails.len() <= usize::try_from(limit).expect("a size"));
        seen.extend(page.mails.into_iter().map(|mail| mail.id));
        filter.before = page.next;
        if filter.before.is_none() {
            return seen;
        }
    }
}
