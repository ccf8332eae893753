//! What a mail is answered, beyond being new or not.

use super::bench::{ALL, Bench};
use super::{Subject, promises};
use crate::config::DocumentKey;
use crate::ledger::{Admission, Admitted, Dedup, MailState, RefusalReason, SkipReason, Verdict, Work};
use crate::mail::{Mail, SenderEmail};
use crate::ports::{ConfigStore, Ledger, Write};

promises!("admission":
    a_mail_taken_is_leased_as_it_was_given,
    a_decision_under_an_older_configuration_is_sent_back_unwritten,
    a_refusal_writes_nothing,
    a_known_mail_is_answered_before_a_refusal,
    a_known_mail_is_answered_before_an_older_configuration,
    a_skipped_mail_is_on_record_and_claimed,
);

async fn a_mail_taken_is_leased_as_it_was_given<S: Subject>(bench: &Bench<'_, S>) {
    let mail = Mail {
        subject: "Média Solution « Lot 42 »\0 'quoted' \"twice\"".to_owned(),
        sender: "Éva <Eva@Client.example>".to_owned(),
        sender_email: SenderEmail::from_raw("Éva <Eva@Client.example>"),
        date: "Fri, 10 Apr 2026 11:54:38 +0200".to_owned(),
        body: "<p>Bonjour 😀 ;-- %s {} \0 fin</p>\r\n".to_owned(),
        message_id: Some("18c0ffee".to_owned()),
        thread_id: Some("18c0".to_owned()),
    };
    let new = bench.new_mail(mail);
    bench.take(new.clone()).await;
    let batch = bench.lease_due(ALL).await;
    assert_eq!(batch.config_version, bench.config_version());
    assert_eq!(batch.leases.len(), 1);
    let stored = &batch.leases[0].mail;
    assert_eq!(batch.leases[0].work, Work::Process);
    assert_eq!((&stored.id, &stored.email_id, &stored.mail), (&new.id, &new.email_id, &new.mail));
    assert_eq!((stored.source, stored.accepted_at, stored.released), (new.source, new.accepted_at, None));
}

async fn a_decision_under_an_older_configuration_is_sent_back_unwritten<S: Subject>(bench: &Bench<'_, S>) {
    let current = changed_configuration(bench).await;
    let new = bench.mail(Some("m1"), "x");
    assert_eq!(bench.admit(new.clone()).await, Admitted::StaleConfig { current });
    let skip = Verdict::Skip(SkipReason::NoLinks);
    assert_eq!(bench.admit_as(new.clone(), skip).await, Admitted::StaleConfig { current });
    assert!(bench.mails().await.is_empty());
    let again = Admission { verdict: Verdict::Accept { group: None }, dedup: Dedup::On, config_version: current };
    assert_eq!(bench.ledger().admit(new.clone(), again).await, Ok(Admitted::Queued(new.id)));
}

async fn a_refusal_writes_nothing<S: Subject>(bench: &Bench<'_, S>) {
    for reason in RefusalReason::ALL {
        let new = bench.mail(Some("m1"), "x");
        assert_eq!(bench.admit_as(new, Verdict::Refuse(*reason)).await, Admitted::Refused(*reason));
    }
    assert!(bench.mails().await.is_empty());
    assert!(bench.is_idle().await);
    bench.take(bench.mail(Some("m1"), "x")).await;
}

async fn a_known_mail_is_answered_before_a_refusal<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take(bench.mail(Some("m1"), "x")).await;
    let again = bench.admit_as(bench.mail(Some("m1"), "x"), Verdict::Refuse(RefusalReason::SendingDisabled)).await;
    assert_eq!(again, Admitted::Known { mail, ended: false });
}

async fn a_known_mail_is_answered_before_an_older_configuration<S: Subject>(bench: &Bench<'_, S>) {
    let mail = bench.take(bench.mail(Some("m1"), "x")).await;
    changed_configuration(bench).await;
    assert_eq!(bench.admit(bench.mail(Some("m1"), "x")).await, Admitted::Known { mail, ended: false });
}

async fn a_skipped_mail_is_on_record_and_claimed<S: Subject>(bench: &Bench<'_, S>) {
    let new = bench.mail(Some("m1"), "x");
    let mail = new.id.clone();
    let answer = bench.admit_as(new, Verdict::Skip(SkipReason::SenderNotAllowed)).await;
    assert_eq!(answer, Admitted::Skipped(mail.clone(), SkipReason::SenderNotAllowed));
    let summary = bench.life(&mail).await.mail;
    assert_eq!((summary.state, summary.reason.as_deref()), (MailState::Skipped, Some("sender_not_allowed")));
    assert_eq!(summary.ended_at, Some(bench.now()));
    assert!(bench.is_idle().await);
    assert_eq!(bench.admit(bench.mail(Some("m1"), "x")).await, Admitted::Known { mail, ended: true });
}

/// Changes the configuration; returns its version.
async fn changed_configuration<S: Subject>(bench: &Bench<'_, S>) -> u64 {
    let write = Write {
        key: DocumentKey::RuntimeFlags,
        value: serde_json::json!({}),
        expected: None,
        author: "a person".to_owned(),
    };
    bench.config().write(write).await.expect("write");
    let current = bench.config().load().await.expect("load").version;
    assert_ne!(current, bench.config_version());
    current
}
