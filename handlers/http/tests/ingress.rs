//! What a push that was read is told, over the life of its mail.

use super::site::{EMAIL_ID, MemorySite, mail, push, refusal, taken};
use futures_executor::block_on;
use render_signal::config::DocumentKey;
use render_signal::ledger::MailState;
use render_signal::memory::Reply;
use render_signal::ports::{Clock, Home, Ledger};
use serde_json::{Value, json};

const TARGET: &str = "https://hooks.receiver.tld/in";

/// Runs what is due until nothing is.
fn work(site: &MemorySite) {
    use render_signal::flow::{current, lease_request, run};
    loop {
        let snapshot = block_on(current(&site.home)).unwrap();
        let batch = block_on(site.ledger().lease_due(lease_request(&snapshot, 8))).unwrap();
        if batch.leases.is_empty() {
            return;
        }
        for lease in batch.leases {
            block_on(run(&site.home, lease));
        }
    }
}

#[test]
fn a_mail_is_queued_then_known_until_long_after_its_end() {
    let site = MemorySite::with(&[("WEBHOOK_URL", TARGET)]);
    site.home.fetch().script(TARGET, [Reply::status(200, "ok")]);
    let mut mail = mail();
    mail["body"] = "https://www.dropbox.com/scl/fo/a/b".into();
    assert_eq!(site.push(&mail).told(), taken("queued"));
    assert_eq!(site.home.queue().nudges(), 1);
    assert_eq!(site.push(&mail).told(), taken("already_processing"));
    work(&site);
    assert_eq!(site.mails()[0].state, MailState::Delivered);
    assert_eq!(site.push(&mail).told(), taken("already_processed"));
    assert_eq!((site.home.queue().nudges(), site.home.fetch().received().len()), (1, 1));
}

#[test]
fn the_mail_on_record_is_the_one_that_was_sent() {
    let site = MemorySite::new();
    let mail = json!({
        "subject": "Média Solution - Missions Recadrage - Lot 42", "sender": "Technique <technique@client.example>",
        "date": "2026-04-10T09:54:38.000Z", "body": " <p>é</p> ", "message_id": "18c", "thread_id": "",
        "snippet": "x", "attachments": [{}], "body_html": null,
    });
    let expected = json!({"success": true, "status": "queued", "email_id": "15e79853936d6954dbd9cd7d19980132"});
    assert_eq!(site.push(&mail).told(), (200, expected));
    let life = block_on(site.ledger().life(&site.mails()[0].id)).unwrap().unwrap();
    assert_eq!(life.mail.subject, mail["subject"].as_str().unwrap());
    assert_eq!(life.mail.sender, "Technique <technique@client.example>");
    assert_eq!((life.mail.body_bytes, life.mail.accepted_at), (11, site.clock().now()));
    assert_eq!(life.message_id.as_deref(), Some("18c"));
}

/// The sender's address and nothing else of the field is part of the id.
#[test]
fn the_id_is_the_predecessor_s() {
    for (subject, sender, date, id) in [
        ("Hello", "alice@client.example", "2026-01-02T03:04:05.000Z", EMAIL_ID),
        ("Hello", "\"A, B\" <ALICE@Client.Example>", "2026-01-02T03:04:05.000Z", EMAIL_ID),
        ("Hello ", "alice@client.example", "2026-01-02T03:04:05.000Z", "2c405e37abd83b6e0d842e30915611f3"),
        ("", "ops@client.example", "", "72be750b8778db1002724ecabd2f2c09"),
        ("Hi", "Foo <foo@bar.fr>", "2026-01-01T00:00:00Z", "d2dc62a28302458466404afe9ddc9302"),
    ] {
        let mail = json!({"subject": subject, "sender": sender, "date": date, "body": "x"});
        assert_eq!(MemorySite::new().push(&mail).told().1["email_id"], id, "{subject:?} {sender:?}");
    }
}

#[test]
fn an_empty_message_id_is_none() {
    let site = MemorySite::new();
    let with = |id: &str, body: &str| {
        let mut mail = mail();
        mail["message_id"] = id.into();
        mail["body"] = body.into();
        mail
    };
    assert_eq!(site.push(&with("", "a")).told(), taken("queued"));
    assert_eq!(site.push(&with("", "b")).told(), taken("queued"), "not one mail with the id of nothing");
    assert_eq!(site.push(&with("1", "c")).told(), taken("queued"));
    assert_eq!(site.push(&with("1", "d")).told(), taken("already_processing"));
}

#[test]
fn a_sender_who_is_not_on_the_list_is_told_so_once() {
    let site = MemorySite::with(&[("GMAIL_SENDER_ALLOWLIST", "bob@client.example")]);
    assert_eq!(site.push(&mail()).told(), taken("skipped_sender_not_allowed"));
    assert_eq!(site.push(&mail()).told(), taken("already_processed"));
    assert_eq!((site.mails()[0].state, site.home.queue().nudges()), (MailState::Skipped, 0));
}

#[test]
fn the_second_mail_of_a_subject_group_is_told_so() {
    let site = MemorySite::with(&[("ENABLE_SUBJECT_GROUP_DEDUP", "true")]);
    assert_eq!(site.push(&mail()).told(), taken("queued"));
    let mut second = mail();
    second["subject"] = "Re: Hello".into();
    assert_eq!(site.push(&second).told().1["status"], "skipped_subject_group_repeat");
}

/// Pauses leave the mail with its client, and it is taken afterwards.
#[test]
fn a_pause_is_409_until_it_ends() {
    type Pause = (DocumentKey, Value, Value, (u16, Value));
    let off = || refusal(409, "Webhook sending disabled", "sending_disabled");
    let absent = |day: &str| json!({"absence_pause_enabled": true, "absence_pause_days": [day]});
    let pauses: [Pause; 3] = [
        (
            DocumentKey::RuntimeFlags,
            json!({"gmail_ingress_enabled": false}),
            json!({"gmail_ingress_enabled": true}),
            refusal(409, "Gmail ingress disabled", "ingress_disabled"),
        ),
        (
            DocumentKey::WebhookConfig,
            json!({"webhook_sending_enabled": false}),
            json!({"webhook_sending_enabled": true}),
            off(),
        ),
        (DocumentKey::WebhookConfig, absent("friday"), absent("saturday"), off()),
    ];
    for (key, closed, open, expected) in pauses {
        let site = MemorySite::new();
        site.configure(key, closed);
        let answer = site.push(&mail());
        assert_eq!((answer.told(), answer.header("retry-after")), (expected, None));
        assert!(site.mails().is_empty());
        site.configure(key, open);
        assert_eq!(site.push(&mail()).told(), taken("queued"));
    }
}

#[test]
fn without_dedup_every_push_is_queued() {
    let site = MemorySite::with(&[("DISABLE_EMAIL_ID_DEDUP", "true")]);
    for count in 1..=3 {
        assert_eq!(site.push(&mail()).told(), taken("queued"));
        assert_eq!(site.mails().len(), count);
    }
}

/// Extra headers, a query and another peer do not matter.
#[test]
fn what_the_client_adds_changes_nothing() {
    let mut request = push(&mail());
    *request.uri_mut() = "/api/ingress/gmail?from=script".parse().unwrap();
    request.headers_mut().insert("x-source", http::HeaderValue::from_static("GoogleAppsScript"));
    request.headers_mut().insert("cookie", http::HeaderValue::from_bytes(b"\xff=1").unwrap());
    assert_eq!(MemorySite::new().send_from(Some([127, 0, 0, 1].into()), request).told(), taken("queued"));
}

#[test]
fn a_field_longer_than_any_mail_s_is_refused_for_good() {
    for field in ["sender", "subject", "date", "message_id", "thread_id"] {
        let site = MemorySite::new();
        let mut longest = mail();
        longest[field] = format!("a@b.fr {}", "x".repeat((64 << 10) - 7)).into();
        assert_eq!(site.push(&longest).told().1["status"], "queued", "{field}");
        longest[field] = format!("a@b.fr {}", "x".repeat((64 << 10) - 6)).into();
        let (status, body) = site.push(&longest).told();
        assert_eq!((status, &body["code"]), (400, &"field_too_long".into()), "{field}");
    }
}
