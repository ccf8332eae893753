//! Is this mail new? A mail is known by its `message_id`, and by its content.

use super::bench::{Bench, MILLISECOND, days};
use super::{Subject, promises};
use crate::ledger::{Admission, Admitted, Dedup, HoldReason, NewMail, Next, SkipReason, Verdict};
use crate::mail::MailId;
use crate::ports::Ledger;

promises!("claims":
    a_known_message_id_is_a_repeat_whatever_it_says,
    two_message_ids_with_equal_content_are_two_mails,
    without_a_message_id_equal_content_is_a_repeat,
    without_a_message_id_content_taken_with_one_is_a_repeat,
    another_body_or_another_email_id_is_another_mail,
    content_taken_without_a_message_id_answers_a_push_with_one,
    a_repeat_teaches_the_missing_message_id,
    a_message_id_is_learned_once,
    a_repeat_says_whether_its_mail_has_ended,
    claims_last_for_30_days_after_the_end,
    claims_of_a_mail_that_has_not_ended_never_expire,
    claims_count_from_the_end_not_from_the_acceptance,
    a_message_id_learned_late_expires_with_its_mail,
    after_expiry_the_new_mail_holds_the_claims,
    without_dedup_claims_are_neither_tested_nor_written,
    five_thousand_pushes_of_one_mail_are_one_mail,
);

async fn a_known_message_id_is_a_repeat_whatever_it_says<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take(bench.mail(Some("m1"), "x")).await;
    for body in ["x", "y", ""] {
        repeats(bench, bench.mail(Some("m1"), body), &mail).await;
    }
    assert_eq!(bench.mails().await.len(), 1);
}

async fn two_message_ids_with_equal_content_are_two_mails<S: Subject>(bench: &Bench<'_, S>) {
    let first = bench.take(bench.mail(Some("m1"), "x")).await;
    let second = bench.take(bench.mail(Some("m2"), "x")).await;
    repeats(bench, bench.mail(Some("m1"), "x"), &first).await;
    repeats(bench, bench.mail(Some("m2"), "x"), &second).await;
}

async fn without_a_message_id_equal_content_is_a_repeat<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take(bench.mail(None, "x")).await;
    repeats(bench, bench.mail(None, "x"), &mail).await;
}

async fn without_a_message_id_content_taken_with_one_is_a_repeat<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take(bench.mail(Some("m1"), "x")).await;
    repeats(bench, bench.mail(None, "x"), &mail).await;
}

async fn another_body_or_another_email_id_is_another_mail<S: Subject>(bench: &Bench<'_, S>) {
    bench.take(bench.mail(None, "x")).await;
    bench.take(bench.mail(None, "x ")).await;
    let mut other = bench.mail(None, "x").mail;
    other.subject.push('!');
    bench.take(bench.new_mail(other)).await;
}

async fn content_taken_without_a_message_id_answers_a_push_with_one<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take(bench.mail(None, "x")).await;
    repeats(bench, bench.mail(Some("m1"), "x"), &mail).await;
}

async fn a_repeat_teaches_the_missing_message_id<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take(bench.mail(None, "x")).await;
    assert_eq!(bench.life(&mail).await.message_id, None);
    repeats(bench, bench.mail(Some("m1"), "x"), &mail).await;
    assert_eq!(bench.life(&mail).await.message_id.as_deref(), Some("m1"));
    repeats(bench, bench.mail(Some("m1"), "y"), &mail).await; // known by the id alone
    repeats(bench, bench.mail(None, "x"), &mail).await;
    assert_eq!(bench.lease_one().await.mail.mail.message_id.as_deref(), Some("m1"));
}

async fn a_message_id_is_learned_once<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take(bench.mail(None, "x")).await;
    repeats(bench, bench.mail(Some("m1"), "x"), &mail).await;
    let other = bench.take(bench.mail(Some("m2"), "x")).await; // the content is m1's now
    assert_eq!(bench.life(&mail).await.message_id.as_deref(), Some("m1"));
    repeats(bench, bench.mail(Some("m2"), "z"), &other).await;
}

async fn a_repeat_says_whether_its_mail_has_ended<S: Subject>(bench: &Bench<'_, S>) {
    let later = bench.now().plus(days(1));
    let ends = [(Next::Delivered, true), (Next::Failed, true), (Next::Retry(later), false), (Next::TargetGone, false)];
    for (target, (next, ended)) in ["a", "b", "c", "d"].into_iter().zip(ends) {
        let mail = bench.sent(target, next).await;
        let message_id = bench.life(&mail).await.message_id;
        let again = bench.mail(message_id.as_deref(), "y");
        assert_eq!(bench.admit(again).await, Admitted::Known { mail, ended }, "{target}");
    }
}

async fn claims_last_for_30_days_after_the_end<S: Subject>(bench: &Bench<'_, S>) {
    let mail = skipped(bench, bench.mail(Some("m1"), "x")).await;
    bench.wait_almost(days(30)).await;
    for again in [bench.mail(Some("m1"), "y"), bench.mail(None, "x")] {
        assert_eq!(bench.admit(again).await, Admitted::Known { mail: mail.clone(), ended: true });
    }
    bench.wait(MILLISECOND).await;
    bench.take(bench.mail(Some("m1"), "y")).await;
    bench.take(bench.mail(None, "x")).await;
}

async fn claims_of_a_mail_that_has_not_ended_never_expire<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.held(HoldReason::NoTarget, None).await;
    let message_id = bench.life(&mail).await.message_id;
    bench.wait(days(400)).await;
    repeats(bench, bench.mail(message_id.as_deref(), "y"), &mail).await;
}

async fn claims_count_from_the_end_not_from_the_acceptance<S: Subject>(bench: &Bench<'_, S>) {
    let (mail, token, _) = bench.sending("a").await;
    let message_id = bench.life(&mail).await.message_id;
    bench.wait(days(20)).await;
    bench.applied(&token, bench.tried(Next::Delivered)).await;
    bench.wait(days(29)).await;
    let again = bench.mail(message_id.as_deref(), "y");
    assert_eq!(bench.admit(again).await, Admitted::Known { mail, ended: true });
    bench.wait(days(1)).await;
    bench.take(bench.mail(message_id.as_deref(), "y")).await;
}

async fn a_message_id_learned_late_expires_with_its_mail<S: Subject>(bench: &Bench<'_, S>) {
    let mail = skipped(bench, bench.mail(None, "x")).await;
    bench.wait(days(29)).await;
    let again = bench.mail(Some("m1"), "x");
    assert_eq!(bench.admit(again).await, Admitted::Known { mail, ended: true });
    bench.wait(days(1)).await;
    bench.take(bench.mail(Some("m1"), "z")).await;
}

async fn after_expiry_the_new_mail_holds_the_claims<S: Subject>(bench: &Bench<'_, S>) {
    skipped(bench, bench.mail(Some("m1"), "x")).await;
    bench.wait(days(30)).await;
    let second = bench.take(bench.mail(Some("m1"), "x")).await;
    bench.wait(days(60)).await;
    repeats(bench, bench.mail(Some("m1"), "y"), &second).await;
    repeats(bench, bench.mail(None, "x"), &second).await;
}

async fn without_dedup_claims_are_neither_tested_nor_written<S: Subject>(bench: &Bench<'_, S>) {
    let off = || Admission { dedup: Dedup::Off, ..bench.admission(Verdict::Accept { group: None }) };
    for _ in 0..2 {
        let new = bench.mail(Some("m1"), "x");
        let id = new.id.clone();
        assert_eq!(bench.ledger().admit(new, off()).await, Ok(Admitted::Queued(id)));
    }
    let claimed = bench.take(bench.mail(Some("m1"), "x")).await;
    let new = bench.mail(Some("m1"), "x");
    let id = new.id.clone();
    assert_eq!(bench.ledger().admit(new, off()).await, Ok(Admitted::Queued(id)));
    repeats(bench, bench.mail(Some("m1"), "x"), &claimed).await;
}

async fn five_thousand_pushes_of_one_mail_are_one_mail<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take(bench.mail(Some("m1"), "x")).await;
    for push in 1..5_000 {
        let message_id = (push % 3 != 0).then_some("m1");
        repeats(bench, bench.mail(message_id, "x"), &mail).await;
    }
    assert_eq!(bench.mails().await.len(), 1);
    assert_eq!(bench.life(&mail).await.events.len(), 1, "repeats leave no trace");
    bench.lease_one().await;
}

/// Takes a mail that ends at once.
async fn skipped<S: Subject>(bench: &Bench<'_, S>, new: NewMail) -> MailId {
    let id = new.id.clone();
    let answer = bench.admit_as(new, Verdict::Skip(SkipReason::NoLinks)).await;
    assert_eq!(answer, Admitted::Skipped(id.clone(), SkipReason::NoLinks));
    id
}

async fn repeats<S: Subject>(bench: &Bench<'_, S>, new: NewMail, mail: &MailId) {
    assert_eq!(bench.admit(new).await, Admitted::Known { mail: mail.clone(), ended: false });
}
