//! Pushes that are valid and strange.

use crate::acceptance::shared;
use crate::harness::{Answer, Mail, TOKEN, one_default_target};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

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

/// Only bodies are expected to be large; nothing else may cost more for it.
#[tokio::test]
async fn a_subject_of_megabytes_is_a_subject() {
    let (receiver, server) = one_default_target(&[]);
    let mail = Mail::new("long");
    let words = (0..400_000_u32).fold(mail.subject(), |mut words, n| {
        let _ = write!(words, " {}", n.wrapping_mul(2_654_435_761));
        words
    });
    assert!(words.len() > 4 << 20);
    let start = Instant::now();
    server.take(&mail.with("subject", words.as_str())).await;
    let received = receiver.one("/hook").await;
    assert!(received.subject() == words, "the subject changed");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
