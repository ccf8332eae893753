//! What an answer means for the delivery: taken, tried again, given up, refused, or the end of the target.

use crate::harness::{Gate, Mail, Received, Reply, as_told_here, one_default_target, quick_retries};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) fn codes(life: &Value) -> Vec<&str> {
    let attempts = life["deliveries"][0]["attempts"].as_array().unwrap();
    attempts.iter().map(|attempt| attempt["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_answer_decides_the_delivery() {
    let (receiver, server) = one_default_target(&[]);
    quick_retries(&server, 2);
    let ok = || Reply::json(200, r#"{"success": true}"#);
    let rows = [
        ("created", vec![Reply::status(201)], "delivered", vec!["delivered"]),
        ("empty", vec![Reply::Answer(204, vec![], vec![])], "delivered", vec!["delivered"]),
        ("not JSON", vec![Reply::Answer(200, vec![], b"OK".to_vec())], "delivered", vec!["delivered"]),
        ("a list", vec![Reply::json(200, "[]")], "delivered", vec!["delivered"]),
        ("success as text", vec![Reply::json(200, r#"{"success": "false"}"#)], "delivered", vec!["delivered"]),
        (
            "refused",
            vec![Reply::json(200, r#"{"success": false, "message": "non"}"#), ok()],
            "failed",
            vec!["remote_application_error"],
        ),
        ("500 then 200", vec![Reply::status(500), ok()], "delivered", vec!["upstream_server_error", "delivered"]),
        (
            "503 twice",
            vec![Reply::status(503), Reply::status(503), ok()],
            "delivered",
            vec!["upstream_server_error", "upstream_server_error", "delivered"],
        ),
        ("500 for ever", vec![Reply::status(500)], "failed", vec!["upstream_server_error"; 3]),
        ("429", vec![Reply::status(429), ok()], "delivered", vec!["rate_limited", "delivered"]),
        ("408", vec![Reply::status(408), ok()], "delivered", vec!["upstream_client_error", "delivered"]),
        ("425", vec![Reply::status(425), ok()], "delivered", vec!["upstream_client_error", "delivered"]),
        ("closed", vec![Reply::Close, ok()], "delivered", vec!["send_connect", "delivered"]),
        (
            "not HTTP",
            vec![Reply::Raw(b"220 mail.client.example ESMTP\r\n\r\n".to_vec()), ok()],
            "delivered",
            vec![as_told_here("send_protocol"), "delivered"],
        ),
        ("404", vec![Reply::status(404), ok()], "failed", vec!["upstream_client_error"]),
        ("400", vec![Reply::status(400), ok()], "failed", vec!["upstream_client_error"]),
        ("415 both ways", vec![Reply::status(415)], "failed", vec!["unsupported_media_type"]),
        (
            "moved",
            vec![Reply::status(301).with_header("location", &receiver.target("/elsewhere"))],
            "failed",
            vec!["redirect_refused"],
        ),
        (
            "temporary redirect",
            vec![Reply::status(307).with_header("location", "/elsewhere")],
            "failed",
            vec!["redirect_refused"],
        ),
        (
            "bot protection",
            vec![Reply::Answer(403, vec![], b"Access denied by Imunify360".to_vec())],
            "failed",
            vec!["bot_protection_denied"],
        ),
    ];
    for (what, replies, state, expected) in rows {
        receiver.script("/hook", replies);
        let before = receiver.count("/hook");
        let mail = Mail::new(what);
        server.take(&mail).await;
        let life = server.life(&mail, state).await;
        assert_eq!(codes(&life), expected, "{what}");
        let posts = &receiver.received("/hook")[before..];
        assert_eq!(posts.len(), if what == "415 both ways" { 2 } else { expected.len() }, "{what}");
        assert!(posts.iter().all(|post| post.id() == posts[0].id() && post.body == posts[0].body), "{what}");
    }
    assert_eq!(receiver.count("/elsewhere"), 0, "no redirect is followed");
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it() {
    let (receiver, server) = one_default_target(&[]);
    quick_retries(&server, 2);
    receiver.script("/hook", [Reply::status(503).with_header("retry-after", "2"), Reply::status(200)]);
    server.take(&Mail::new("retry-after")).await;
    let all = receiver.at_least("/hook", 2).await;
    let waited = all[1].at - all[0].at;
    assert!(waited >= Duration::from_secs(2), "{waited:?}");
    assert!(waited < Duration::from_secs(6), "{waited:?}");
}

#[tokio::test]
async fn a_long_retry_after_is_on_record_as_the_next_due_time() {
    let (receiver, server) = one_default_target(&[]);
    quick_retries(&server, 2);
    receiver.script("/hook", [Reply::status(429).with_header("retry-after", "3600")]);
    let mail = Mail::new("an-hour");
    server.take(&mail).await;
    let delivery = server.life(&mail, "retrying").await["deliveries"][0].clone();
    let (due, began) = (delivery["due_at"].as_i64(), delivery["attempts"][0]["started_at"].as_i64());
    let (Some(due), Some(began)) = (due, began) else { panic!("{delivery}") };
    assert!((3_600_000..3_630_000).contains(&(due - began)), "{delivery}");
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_left_alone_until_it_is_enabled() {
    let (receiver, server) = one_default_target(&[]);
    let gate = Gate::closed();
    receiver.script("/hook", [Reply::status(410), Reply::status(200).behind(&gate)]);
    let first = Mail::new("gone");
    server.take(&first).await;
    let life = server.life(&first, "held").await;
    assert_eq!(
        (&life["mail"]["reason"], &life["deliveries"][0]["attempts"][0]["code"]),
        (&json!("target_disabled"), &json!("target_gone"))
    );
    let second = Mail::new("gone-too");
    server.take(&second).await;
    server.life(&second, "held").await;
    assert_eq!(receiver.count("/hook"), 1, "nothing more is sent to it");
    let key = life["deliveries"][0]["target"].as_str().unwrap();
    assert!(server.operate(&["targets", "list"]).ok().contains(key));
    gate.open();
    server.operate(&["targets", "enable", key]).ok();
    server.life(&first, "delivered").await;
    server.life(&second, "delivered").await;
    let all = receiver.received("/hook");
    let ids = |subject: &str| all.iter().filter(|one| one.subject() == subject).map(Received::id).collect::<Vec<_>>();
    let of_first = ids(&first.subject());
    assert_eq!((of_first.len(), of_first[0]), (2, of_first[1]), "the same delivery, not another one");
    assert_eq!(ids(&second.subject()).len(), 1);
    assert!(server.operate(&["targets", "list"]).ok().contains("no target is disabled"));
}

#[tokio::test]
async fn a_target_that_does_not_answer_in_time_is_tried_again() {
    let (receiver, server) = one_default_target(&[]);
    server.configure("processing_prefs", &json!({"retry_count": 1, "retry_delay_sec": 0, "webhook_timeout_sec": 1}));
    receiver.script("/hook", [Reply::Silence, Reply::status(200)]);
    let mail = Mail::new("silent");
    server.take(&mail).await;
    assert_eq!(codes(&server.life(&mail, "delivered").await), ["send_timeout", "delivered"]);
}
