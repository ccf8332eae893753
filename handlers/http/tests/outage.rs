//! What a client is told when a store does not answer: come back. It never hears 200 for a mail that is not on record, and a
//! mail that is on record although it heard 503 is one mail when it comes back.

use super::site::{Answer, MemorySite, mail, refusal, taken};
use render_signal::config::DocumentKey;
use render_signal::ledger::MailState;
use render_signal::memory::{Call, Fault, Side};
use render_signal::ports::Home;
use serde_json::json;

fn assert_unavailable(answer: &Answer, code: &str) {
    assert_eq!(answer.told(), refusal(503, "Service unavailable", code));
    assert_eq!(answer.header("retry-after"), Some("30"));
}

#[test]
fn an_outage_before_anything_was_written_leaves_nothing() {
    let site = MemorySite::new();
    site.home.faults().every(Call::Admit, Fault::Fail(Side::Before));
    assert_unavailable(&site.push(&mail()), "store_unavailable");
    assert_eq!((site.mails().len(), site.home.queue().nudges()), (0, 0));
    site.home.faults().clear();
    assert_eq!(site.push(&mail()).told(), taken("queued"));
}

#[test]
fn an_outage_after_it_was_written_makes_one_mail() {
    let site = MemorySite::new();
    site.home.faults().at_call(Call::Admit, 0, Fault::Fail(Side::After));
    assert_unavailable(&site.push(&mail()), "store_unavailable");
    assert_eq!(site.mails().len(), 1);
    assert_eq!(site.push(&mail()).told(), taken("already_processing"));
    assert_eq!(site.mails().len(), 1);
}

#[test]
fn a_refused_sender_whose_record_is_in_doubt_is_asked_again() {
    for (side, known) in [(Side::Before, "skipped_sender_not_allowed"), (Side::After, "already_processed")] {
        let site = MemorySite::with(&[("GMAIL_SENDER_ALLOWLIST", "somebody@client.example")]);
        site.home.faults().at_call(Call::Admit, 0, Fault::Fail(side));
        assert_unavailable(&site.push(&mail()), "store_unavailable");
        assert_eq!(site.push(&mail()).told(), taken(known));
        assert_eq!(site.mails()[0].state, MailState::Skipped);
    }
}

/// The predecessor answered 409 here, which a client may take for a pause.
#[test]
fn a_configuration_that_cannot_be_read_is_an_outage() {
    for side in [Side::Before, Side::After] {
        let site = MemorySite::new();
        site.home.faults().every(Call::LoadConfig, Fault::Fail(side));
        assert_unavailable(&site.push(&mail()), "config_unavailable");
        assert!(site.mails().is_empty());
    }
}

#[test]
fn a_configuration_that_keeps_changing_is_an_outage() {
    let site = MemorySite::new();
    site.home.ledger().change_before_admissions(u64::MAX);
    assert_unavailable(&site.push(&mail()), "config_unsettled");
}

#[test]
fn a_full_ledger_takes_nothing_and_still_knows_what_it_has() {
    let site = MemorySite::new();
    assert_eq!(site.push(&mail()).told(), taken("queued"));
    site.home.ledger().limit_to(Some(14));
    let mut other = mail();
    other["subject"] = json!("Other");
    assert_unavailable(&site.push(&other), "store_full");
    assert_eq!(site.push(&mail()).told(), taken("already_processing"));
    site.configure(DocumentKey::WebhookConfig, json!({"webhook_sending_enabled": false}));
    assert_eq!(site.push(&other).told(), refusal(409, "Webhook sending disabled", "sending_disabled"));
}

/// A nudge is only a nudge: losing it does not change the answer.
#[test]
fn a_lost_nudge_is_not_an_outage() {
    let site = MemorySite::new();
    site.home.faults().every(Call::Nudge, Fault::Fail(Side::Before));
    assert_eq!(site.push(&mail()).told(), taken("queued"));
}

/// What went wrong inside is for the log, never for the client.
#[test]
fn the_cause_is_logged_and_not_sent() {
    let site = MemorySite::new();
    site.home.faults().every(Call::Admit, Fault::Fail(Side::Before));
    let answer = site.push(&mail());
    assert!(!String::from_utf8_lossy(&answer.body).contains("planned"));
    let lines = site.home.journal().find("ingest", "store_unavailable");
    assert!(lines[0].cause.as_ref().unwrap().contains("planned"));
    let text = format!("{:?}", site.home.journal().lines());
    assert!(!text.contains("alice@") && !text.contains("Bonjour"), "{text}");
}
