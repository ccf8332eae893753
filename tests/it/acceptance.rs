//! `POST /api/ingress/gmail`: who is heard, what is taken, and every refusal in its order. One server serves all these cases.

use crate::harness::{Answer, Mail, Receiver, Server, TOKEN};
use serde_json::json;
use std::sync::{Arc, Mutex, Weak};

/// A server with one default target. Tests that run at the same time share it; it ends with the last of them.
pub(crate) struct Shared {
    pub(crate) receiver: Receiver,
    pub(crate) server: Server,
}

pub(crate) fn shared() -> Arc<Shared> {
    static SHARED: Mutex<Weak<Shared>> = Mutex::new(Weak::new());
    let mut slot = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    slot.upgrade().unwrap_or_else(|| {
        let receiver = Receiver::start();
        let server = Server::start(&[
            ("WEBHOOK_URL", &receiver.target("/hook")),
            ("PROCESS_API_TOKEN_PREVIOUS", "qztoken-previous"),
        ]);
        let made = Arc::new(Shared { receiver, server });
        *slot = Arc::downgrade(&made);
        made
    })
}

const PATH: &str = "/api/ingress/gmail";

async fn post(server: &Server, authorization: Option<&[u8]>, content_type: Option<&str>, body: &[u8]) -> Answer {
    let mut request = server.request("POST", PATH).body(body.to_vec());
    if let Some(value) = authorization {
        request = request.header("authorization", reqwest::header::HeaderValue::from_bytes(value).unwrap());
    }
    if let Some(value) = content_type {
        request = request.header("content-type", value);
    }
    Answer::of(request).await
}

async fn send(server: &Server, content_type: Option<&str>, body: &[u8]) -> (u16, String) {
    post(server, Some(format!("Bearer {TOKEN}").as_bytes()), content_type, body).await.status_word()
}

#[tokio::test]
async fn a_wrong_token_is_refused_before_anything_else() {
    let shared = shared();
    let bearer = |token: &str| format!("Bearer {token}").into_bytes();
    let refused: Vec<(&str, Option<Vec<u8>>)> = vec![
        ("missing", None),
        ("empty", Some(Vec::new())),
        ("wrong", Some(bearer("qztoken-wrong"))),
        ("cut short", Some(bearer(&TOKEN[..TOKEN.len() - 1]))),
        ("longer", Some(bearer(&format!("{TOKEN}x")))),
        ("lower-case scheme", Some(format!("bearer {TOKEN}").into_bytes())),
        ("two spaces", Some(format!("Bearer  {TOKEN}").into_bytes())),
        ("a blank after it that is not one to HTTP", Some([&bearer(TOKEN)[..], b"\xc2\xa0"].concat())),
        ("not ASCII", Some("Bearer clé".as_bytes().to_vec())),
        ("not even UTF-8", Some(b"Bearer \xff\xfe".to_vec())),
        ("another scheme", Some(b"Basic cXp0b2tlbg==".to_vec())),
    ];
    for (what, authorization) in refused {
        for body in [Mail::new("unheard").to_json().as_bytes(), b"not JSON"] {
            let answer = post(&shared.server, authorization.as_deref(), Some("application/json"), body).await;
            assert_eq!(answer.status_word(), (401, "Unauthorized".to_owned()), "{what}");
        }
    }
}

#[tokio::test]
async fn the_token_is_taken_bare_or_as_bearer_and_the_previous_one_too() {
    let shared = shared();
    for (name, authorization) in [
        ("bearer", format!("Bearer {TOKEN}")),
        ("bare", TOKEN.to_owned()),
        ("previous", "Bearer qztoken-previous".to_owned()),
        // Blanks around a header's value are not part of it: HTTP itself drops them, here and at every proxy.
        ("trailing", format!("Bearer {TOKEN} ")),
    ] {
        let mail = Mail::new(&format!("token-{name}")).to_json();
        let answer =
            post(&shared.server, Some(authorization.as_bytes()), Some("application/json"), mail.as_bytes()).await;
        assert_eq!(answer.status_word(), (200, "queued".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn what_is_not_a_json_object_is_an_invalid_payload() {
    let shared = shared();
    let good = Mail::new("wrong-type").to_json();
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonx")]
    {
        let refused = send(&shared.server, content_type, good.as_bytes()).await;
        assert_eq!(refused, (400, "Invalid JSON payload".to_owned()), "{content_type:?}");
    }
    let cut = &good[..good.len() - 5];
    let bodies: [(&str, &[u8]); 12] = [
        ("empty", b""),
        ("blank", b"  "),
        ("not JSON", b"sender=a&body=b"),
        ("list", b"[]"),
        ("list of objects", br#"[{"sender":"a","body":"b"}]"#),
        ("null", b"null"),
        ("text", br#""x""#),
        ("number", b"5"),
        ("truncated", cut.as_bytes()),
        ("two objects", br#"{"sender":"a","body":"b"}{}"#),
        ("lone surrogate in subject", br#"{"sender":"a@b.fr","body":"b","subject":"\ud800"}"#),
        ("lone surrogate in date", br#"{"sender":"a@b.fr","body":"b","date":"\udc00x"}"#),
    ];
    for (what, body) in bodies {
        let refused = send(&shared.server, Some("application/json"), body).await;
        assert_eq!(refused, (400, "Invalid JSON payload".to_owned()), "{what}");
    }
}

#[tokio::test]
async fn json_types_with_parameters_and_suffixes_are_taken() {
    let shared = shared();
    for (n, content_type) in
        ["application/json; charset=utf-8", "Application/JSON", "application/vnd.acme+json"].into_iter().enumerate()
    {
        let mail = Mail::new(&format!("type-{n}")).to_json();
        let answer = send(&shared.server, Some(content_type), mail.as_bytes()).await;
        assert_eq!(answer, (200, "queued".to_owned()), "{content_type}");
    }
}

#[tokio::test]
async fn sender_is_asked_for_before_body() {
    let shared = shared();
    let (sender, body) = ("Missing field: sender", "Missing field: body");
    let rows = [
        (json!({}), sender),
        (json!({"body": "b"}), sender),
        (json!({"sender": "", "body": "b"}), sender),
        (json!({"sender": null, "body": "b"}), sender),
        (json!({"sender": 5, "body": "b"}), sender),
        (json!({"sender": ["a@b.fr"], "body": "b"}), sender),
        (json!({"sender": {"a": 1}, "body": 5}), sender),
        (json!({"sender": true}), sender),
        (json!({"sender": "a@b.fr"}), body),
        (json!({"sender": "a@b.fr", "body": ""}), body),
        (json!({"sender": "a@b.fr", "body": null}), body),
        (json!({"sender": "a@b.fr", "body": 5.5}), body),
        (json!({"sender": "a@b.fr", "body": {"html": "x"}}), body),
        (json!({"sender": " ", "body": []}), body),
    ];
    for (push, message) in rows {
        let answer = send(&shared.server, Some("application/json"), push.to_string().as_bytes()).await;
        assert_eq!(answer, (400, message.to_owned()), "{push}");
    }
}

#[tokio::test]
async fn one_blank_is_a_sender_and_a_body() {
    let shared = shared();
    let mail = Mail::new("blank").with("sender", " ").with("body", " ");
    shared.server.take(&mail).await;
    shared.server.life(&mail, "delivered").await;
}

#[tokio::test]
async fn optional_fields_of_a_wrong_type_count_as_absent() {
    let shared = shared();
    let push = json!({
        "sender": "Qzsender <Qzsender+vide@client.example>", "body": "qzbody sans rien", "subject": 7, "date": ["x"],
        "message_id": {"a": 1}, "thread_id": false, "snippet": [1, {"x": null}], "attachments": {},
    });
    let answer =
        post(&shared.server, Some(TOKEN.as_bytes()), Some("application/json"), push.to_string().as_bytes()).await;
    assert_eq!(answer.status_word(), (200, "queued".to_owned()));
    // MD5 of `|qzsender+vide@client.example|`.
    assert_eq!(answer.json()["email_id"], "da72ee73ac298ccf89f65d27f2ec9f85");
}

#[tokio::test]
async fn the_email_id_is_the_predecessors() {
    let shared = shared();
    let vectors = [
        (
            "Média Solution - Missions Recadrage - Lot 42",
            "Technique <Technique@client.example>",
            "2026-04-10T09:54:38.000Z",
            "15e79853936d6954dbd9cd7d19980132",
        ),
        ("Hello", "alice@client.example", "2026-01-02T03:04:05.000Z", "894fa9ed281619ef8728994e495e645d"),
        ("Hello ", "alice@client.example", "2026-01-02T03:04:05.000Z", "2c405e37abd83b6e0d842e30915611f3"),
        ("", "ops@client.example", "", "72be750b8778db1002724ecabd2f2c09"),
        ("Hi", "foo@bar.fr", "2026-01-01T00:00:00Z", "d2dc62a28302458466404afe9ddc9302"),
    ];
    for (subject, sender, date, email_id) in vectors {
        let mail = json!({"subject": subject, "sender": sender, "date": date, "body": "qzbody"}).to_string();
        let answer = post(&shared.server, Some(TOKEN.as_bytes()), Some("application/json"), mail.as_bytes()).await;
        assert_eq!(answer.json()["email_id"], email_id, "{subject:?}");
    }
}

#[tokio::test]
async fn a_repeat_is_known_by_its_id_and_two_ids_are_two_mails() {
    let shared = shared();
    let first = Mail::new("repeat");
    shared.server.take(&first).await;
    shared.server.life(&first, "delivered").await;
    let known = (200, "already_processed".to_owned());
    assert_eq!(shared.server.push(&first).await.status_word(), known);
    // The same message under another text is a repeat; the same text under another id is another mail.
    assert_eq!(shared.server.push(&first.clone().with("body", "qzbody autre")).await.status_word(), known);
    shared.server.take(&first.clone().with("message_id", "message-repeat-2")).await;
}

#[tokio::test]
async fn a_mail_known_without_an_id_learns_it_once() {
    let shared = shared();
    let bare = Mail::new("bare").without("message_id");
    shared.server.take(&bare).await;
    shared.server.life(&bare, "delivered").await;
    let known = (200, "already_processed".to_owned());
    assert_eq!(shared.server.push(&bare).await.status_word(), known, "without");
    let named = bare.clone().with("message_id", "message-bare-1");
    assert_eq!(shared.server.push(&named).await.status_word(), known, "learns the id");
    shared.server.take(&bare.clone().with("message_id", "message-bare-2")).await;
    // Another body is another content.
    shared.server.take(&bare.with("body", "qzbody autre")).await;
}
