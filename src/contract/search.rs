//! Finding mails by words of their sender and subject.

use super::bench::Bench;
use super::{Subject, promises};
use crate::ledger::{MailFilter, MailState, SkipReason, Verdict};
use crate::mail::{Mail, MailId, SenderEmail};
use crate::ports::Ledger;

promises!("search":
    a_mail_is_found_by_any_part_of_sender_or_subject,
    every_word_must_be_found,
    case_is_ignored_on_accented_letters_too,
    words_too_short_to_look_up_are_ignored,
    no_character_is_an_operator,
    a_long_text_is_looked_up,
    the_body_is_not_searched,
    a_search_within_a_state,
    a_search_goes_page_by_page,
);

async fn a_mail_is_found_by_any_part_of_sender_or_subject<S: Subject>(bench: &Bench<'_, S>) {
    let mail = take(bench, "Alice Martin <alice@client.example>", "Média Solution - Missions Recadrage - Lot 42").await;
    take(bench, "Bob <bob@other.example>", "Facture").await;
    for text in ["recadrage", "cadrag", "lice@cli", "Lot", "client.example", "Média Solution", "martin recadrage"] {
        finds(bench, text, &mail).await;
    }
    assert!(found(bench, "absent").await.is_empty());
}

async fn every_word_must_be_found<S: Subject>(bench: &Bench<'_, S>) {
    let both = take(bench, "a@client.example", "alpha beta").await;
    take(bench, "a@client.example", "alpha").await;
    take(bench, "a@client.example", "beta").await;
    for text in ["alpha beta", "beta   alpha", "beta client alpha"] {
        finds(bench, text, &both).await;
    }
}

async fn case_is_ignored_on_accented_letters_too<S: Subject>(bench: &Bench<'_, S>) {
    let mail = take(bench, "Éva Lefèvre <eva@client.example>", "DÉSABONNEMENT journée").await;
    for text in ["désabonnement", "DÉSABONNEMENT", "Désabo", "JOURNÉE", "éva", "LEFÈVRE"] {
        finds(bench, text, &mail).await;
    }
}

async fn words_too_short_to_look_up_are_ignored<S: Subject>(bench: &Bench<'_, S>) {
    let mail = take(bench, "a@client.example", "alpha").await;
    for text in ["", "  ", "zz", "z y x", "alpha zz", "é é"] {
        finds(bench, text, &mail).await;
    }
}

async fn no_character_is_an_operator<S: Subject>(bench: &Bench<'_, S>) {
    let odd = take(bench, "a@client.example", "say \"hi there\" AND (lot-42) NEAR* 100% o'clock").await;
    let plain = take(bench, "b@client.example", "nothing to see").await;
    for text in ["\"hi", "there\"", "(lot-42)", "AND", "NEAR*", "100%", "o'clock", "\"hi there\"", "(lot-42) AND say"] {
        finds(bench, text, &odd).await;
    }
    let nowhere = [
        "\"\"\"",
        "\"\"\"\"",
        "hi* OR plain",
        "subject:nothing",
        "^nothing",
        "noth%",
        "noth___",
        "{sender}: a",
        "-- drop",
        "nothing NOT hither",
    ];
    for text in nowhere {
        assert!(found(bench, text).await.is_empty(), "{text}");
    }
    for text in ["not\0hing", "\0\0\0", "\0"] {
        found(bench, text).await; // whatever it finds, it is no failure
    }
    for text in ["noth\u{fffd}", "\u{1f600}\u{1f600}\u{1f600}", "\\\\\\", "';--;'"] {
        assert!(found(bench, text).await.is_empty(), "{text:?}");
    }
    assert_eq!(found(bench, "nothing").await, [plain]);
}

async fn a_long_text_is_looked_up<S: Subject>(bench: &Bench<'_, S>) {
    let subject = "très long sujet ".repeat(13).trim().to_owned();
    assert!(subject.chars().count() > 200);
    let mail = take(bench, "a@client.example", &subject).await;
    let text: String = subject.chars().take(200).collect();
    finds(bench, &text, &mail).await;
    let word: String = "é".repeat(200);
    let other = take(bench, "a@client.example", &word).await;
    assert_eq!(found(bench, &word).await, [other]);
    assert_eq!(found(bench, &"suj ".repeat(50)).await, [mail]);
}

async fn the_body_is_not_searched<S: Subject>(bench: &Bench<'_, S>) {
    take(bench, "a@client.example", "alpha").await;
    assert!(found(bench, "bodyword").await.is_empty());
}

async fn a_search_within_a_state<S: Subject>(bench: &Bench<'_, S>) {
    let queued = take(bench, "a@client.example", "alpha").await;
    let new = mail(bench, "a@client.example", "alpha");
    let skipped = new.id.clone();
    bench.admit_as(new, Verdict::Skip(SkipReason::NoLinks)).await;
    for (state, mails) in [
        (None, vec![skipped.clone(), queued.clone()]),
        (Some(MailState::Skipped), vec![skipped]),
        (Some(MailState::Queued), vec![queued]),
        (Some(MailState::Failed), vec![]),
    ] {
        let filter = MailFilter { state, text: Some("alpha".to_owned()), before: None, limit: 10 };
        let page = bench.ledger().list(&filter).await.expect("list");
        assert_eq!(page.mails.into_iter().map(|mail| mail.id).collect::<Vec<_>>(), mails, "{state:?}");
    }
}

async fn a_search_goes_page_by_page<S: Subject>(bench: &Bench<'_, S>) {
    let mut taken = Vec::new();
    for n in 0..5 {
        taken.push(take(bench, "a@client.example", &format!("alpha {n}")).await);
        take(bench, "a@client.example", &format!("beta {n}")).await;
    }
    taken.reverse();
    let mut filter = MailFilter { text: Some("alpha".to_owned()), limit: 2, ..MailFilter::default() };
    let mut seen = Vec::new();
    loop {
        let page = bench.ledger().list(&filter).await.expect("list");
        seen.extend(page.mails.into_iter().map(|mail| mail.id));
        filter.before = page.next;
        if filter.before.is_none() {
            break;
        }
    }
    assert_eq!(seen, taken);
}

/// A search finds this mail alone.
async fn finds<S: Subject>(bench: &Bench<'_, S>, text: &str, mail: &MailId) {
    assert_eq!(found(bench, text).await, std::slice::from_ref(mail), "{text:?}");
}

async fn found<S: Subject>(bench: &Bench<'_, S>, text: &str) -> Vec<MailId> {
    let filter = MailFilter { text: Some(text.to_owned()), limit: 100, ..MailFilter::default() };
    let page = bench.ledger().list(&filter).await.unwrap_or_else(|error| panic!("searching {text:?}: {error}"));
    page.mails.into_iter().map(|mail| mail.id).collect()
}

async fn take<S: Subject>(bench: &Bench<'_, S>, sender: &str, subject: &str) -> MailId {
    bench.take(mail(bench, sender, subject)).await
}

fn mail<S: Subject>(bench: &Bench<'_, S>, sender: &str, subject: &str) -> crate::ledger::NewMail {
    let mut new = bench.new_mail(Mail {
        subject: subject.to_owned(),
        sender: sender.to_owned(),
        sender_email: SenderEmail::from_raw(sender),
        date: "2026-04-10T09:54:38.000Z".to_owned(),
        body: "bodyword".to_owned(),
        message_id: None,
        thread_id: None,
    });
    new.mail.message_id = Some(new.id.as_str().to_owned());
    new
}
