//! Pushes that are valid and strange.

use crate::acceptance::shared;
use crate::harness::{Answer, Mail, TOKEN, one_default_target};

/// Control characters, line separators, characters beyond the first plane, text that looks like markup or like SQL.
#[tokio::test]
async fn odd_characters_arrive_as_they_were_sent() {
    let (receiver, server) = one_default_target(&[]);
    let odd = "a\u{0}b\u{1}\r\n\t\u{7f}\u{85}\u{2028}\u{feff}\u{fffd} 'x'); DROP TABLE mails;-- \"%\\ 𝕏🎬 e\u{301} <b>";
    let mail = Mail::new("odd");
    let mail = mail.clone().with("subject", format!("{} {odd}", mail.subject())).with("body", format!("qzbody {odd}"));
    let mail = mail.with("sender", "Qzsender \u{0}\t\u{2028}𝕏 <qzsender@client.example>").with("date", odd);
    server.take(&mail).await;
    let payload = receiver.one("/hook").await.json();
    assert_eq!(payload["subject"], mail.subject());
    assert_eq!(payload["email_content"], mail.body());
    assert_eq!(
        (&payload["receivedDateTime"], &payload["sender_email"]),
        (&odd.into(), &"qzsender@client.example".into())
    );
    server.life(&mail, "delivered").await;
}

/// A parser that recurses would overflow its stack.
#[tokio::test]
async fn depth_in_an_ignored_field_harms_nobody() {
    let shared = shared();
    for (n, (open, close)) in [("[", "]"), ("{\"a\":", "}")].into_iter().enumerate() {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        let mail = Mail::new(&format!("deep-{n}")).to_json();
        let push = format!("{},\"snippet\":{deep}}}", mail.strip_suffix('}').unwrap());
        let request = shared.server.request("POST", "/api/ingress/gmail").bearer_auth(TOKEN);
        let answer = Answer::of(request.header("content-type", "application/json").body(push)).await;
        assert_eq!(answer.status_word(), (200, "queued".to_owned()), "{open}");
    }
}

/// Only a body may be large. The other fields are indexed and stored many times, so that they are refused beyond 64 KiB.
#[tokio::test]
async fn a_header_field_of_megabytes_is_refused_and_one_of_kilobytes_arrives() {
    let (receiver, server) = one_default_target(&[]);
    for field in ["subject", "sender", "date", "message_id", "thread_id"] {
        let answer = server.push(&Mail::new("huge").with(field, "qzsender ".repeat(1 << 19))).await;
        assert_eq!(answer.status_word(), (400, "Field over 64 KiB".to_owned()), "{field}");
    }
    let words = "mot ".repeat(15 << 10);
    let mail = Mail::new("long");
    let mail = mail.clone().with("subject", format!("{} {words}", mail.subject()));
    server.take(&mail).await;
    assert!(receiver.one("/hook").await.subject() == mail.subject(), "the subject changed");
}
