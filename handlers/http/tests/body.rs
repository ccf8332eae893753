//! Which bytes are a mail, under which media type and in which encoding.

use super::site::{Answer, EMAIL_ID, MemorySite, mail, push, push_bytes, refusal, taken};
use crate::http::body::json_text;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};

fn under(content_type: Option<&str>) -> Answer {
    let mut request = push(&mail());
    request.headers_mut().remove(CONTENT_TYPE);
    if let Some(value) = content_type {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
    }
    MemorySite::new().send(request)
}

#[test]
fn json_is_declared_as_json() {
    for right in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; a=b",
        " application/json",
        "APPLICATION/JSON",
        "Application/Json; Charset=Utf-8",
        "application/vnd.x+json",
        "application/ld+JSON; profile=x",
    ] {
        assert_eq!(under(Some(right)).told(), taken("queued"), "{right}");
    }
    for wrong in [
        "",
        ";",
        "text/json",
        "text/plain",
        "text/plain; application/json",
        "application/jsonp",
        "application/x-json",
        "application/json+xml",
        "application/x-www-form-urlencoded",
        "application/json, text/plain",
        "+json",
        "image/svg+json",
        "json",
    ] {
        assert_eq!(under(Some(wrong)).told(), refusal(400, "Invalid JSON payload", "invalid_json"), "{wrong}");
    }
    assert_eq!(under(None).told(), refusal(400, "Invalid JSON payload", "invalid_json"));
}

#[test]
fn only_a_json_object_is_a_payload() {
    for text in [
        "",
        " ",
        "null",
        "true",
        "5",
        "\"x\"",
        "[]",
        "[{}]",
        "{",
        "{]",
        "{}{}",
        "{} x",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\"}",
        "{a:1}",
        "{\"sender\":NaN}",
        "// x\n{}",
        "\u{feff}\u{feff}{}",
        "{\"body\":\"a\nb\"}",
    ] {
        let answer = MemorySite::new().send(push_bytes(text));
        assert_eq!(answer.told(), refusal(400, "Invalid JSON payload", "invalid_json"), "{text:?}");
    }
}

/// Half a surrogate pair is no character. In a field that nobody reads it does no harm: the client's `snippet` is cut at 200
/// UTF-16 units, and so through the middle of an emoji.
#[test]
fn half_a_character_is_refused_where_it_would_be_read() {
    for field in ["sender", "subject", "date", "body", "message_id", "thread_id"] {
        let text = mail().to_string().replacen('{', &format!("{{\"{field}\":\"a\\ud83d\","), 1);
        assert_eq!(MemorySite::new().send(push_bytes(text)).status, 400, "{field}");
    }
    let text = mail().to_string().replacen('{', "{\"snippet\":\"a\\ud83d\",", 1);
    assert_eq!(MemorySite::new().send(push_bytes(text)).told(), taken("queued"));
}

#[test]
fn a_field_of_another_type_is_absent() {
    for value in [json!(5), json!(1.5), json!(true), json!(null), json!(["a"]), json!({"a": {"b": []}}), json!("")] {
        for (field, code) in [("sender", "missing_sender"), ("body", "missing_body")] {
            let mut mail = mail();
            mail[field] = value.clone();
            let expected = refusal(400, &format!("Missing field: {field}"), code);
            assert_eq!(MemorySite::new().push(&mail).told(), expected, "{value}");
        }
        let mut mail = mail();
        mail["subject"] = value.clone();
        mail["date"] = value.clone();
        mail["message_id"] = value.clone();
        let site = MemorySite::new();
        assert_eq!(site.push(&mail).status, 200, "{value}");
        assert_eq!(site.mails()[0].subject, "");
    }
}

#[test]
fn a_blank_is_present_and_a_missing_subject_and_date_are_empty() {
    let answer = MemorySite::new().push(&json!({"sender": "Ops <ops@client.example>", "body": " "}));
    let expected = json!({"success": true, "status": "queued", "email_id": "72be750b8778db1002724ecabd2f2c09"});
    assert_eq!(answer.told(), (200, expected));
    assert_eq!(MemorySite::new().push(&json!({"sender": " ", "body": "x"})).status, 200);
}

/// The work is in proportion to the bytes, and depth is not a stack.
#[test]
fn hostile_json_is_refused_or_ignored() {
    let deep = |field: &str| {
        let value = format!("{}{}", "[".repeat(1 << 20), "]".repeat(1 << 20));
        mail().to_string().replacen('{', &format!("{{\"{field}\":{value},"), 1)
    };
    assert_eq!(MemorySite::new().send(push_bytes(deep("attachments"))).told(), taken("queued"));
    assert_eq!(MemorySite::new().send(push_bytes(deep("message_id"))).told(), taken("queued"));
    let many = mail().to_string().replacen('{', &format!("{{{}", "\"x\":0,".repeat(500_000)), 1);
    assert_eq!(MemorySite::new().send(push_bytes(many)).told(), taken("queued"));
}

fn encodings(text: &str) -> [(&'static str, Vec<u8>); 4] {
    let units = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<_>>();
    [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16 LE", [b"\xff\xfe".to_vec(), units(u16::to_le_bytes)].concat()),
        ("UTF-16 BE", [b"\xfe\xff".to_vec(), units(u16::to_be_bytes)].concat()),
    ]
}

fn json_headers() -> HeaderMap {
    HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))])
}

proptest! {
    #[test]
    fn a_text_is_read_in_every_encoding(text in any::<String>().prop_filter("no mark", |text| !text.starts_with('\u{feff}'))) {
        for (name, bytes) in encodings(&text) {
            prop_assert_eq!(json_text(&json_headers(), &bytes).unwrap(), text.as_str(), "{}", name);
        }
    }

    /// Whatever the bytes, what is read encodes back to them.
    #[test]
    fn other_bytes_are_refused(mark in 0_usize..4, bytes in any::<Vec<u8>>()) {
        let bytes = [[&b""[..], b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"][mark], &bytes].concat();
        if let Ok(text) = json_text(&json_headers(), &bytes) {
            prop_assert!(encodings(&text).iter().any(|(_, encoded)| *encoded == bytes));
        }
    }

    /// The same mail, whatever the encoding: pushed four times, it is one.
    #[test]
    fn a_mail_is_the_same_in_every_encoding(subject in any::<String>(), body in "\\PC{1,40}") {
        let site = MemorySite::new();
        let text = json!({"sender": "a@b.fr", "subject": subject, "body": body}).to_string();
        for (at, (name, bytes)) in encodings(&text).into_iter().enumerate() {
            let (status, told) = site.send(push_bytes(bytes)).told();
            let word = if at == 0 { "queued" } else { "already_processing" };
            prop_assert_eq!((status, &told["status"]), (200, &Value::from(word)), "{}", name);
        }
        prop_assert_eq!(&site.mails()[0].subject, &subject);
        prop_assert_eq!(site.mails()[0].body_bytes, body.len() as u64);
    }
}

#[test]
fn what_cannot_be_decoded_is_an_invalid_payload() {
    let text = mail().to_string();
    let [_, _, (_, le), (_, be)] = encodings(&text);
    for (what, bytes) in [
        ("UTF-16 LE without a mark", le[2..].to_vec()),
        ("UTF-16 BE without a mark", be[2..].to_vec()),
        ("half a unit", [&le[..], b"\x20"].concat()),
        ("the other mark", [b"\xfe\xff", &le[2..]].concat()),
        ("a lone unit", [&le[..2], b"\x00\xd8", &le[2..]].concat()),
        (
            "UTF-32 LE",
            [b"\xff\xfe\0\0".to_vec(), text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()].concat(),
        ),
        ("Latin-1", text.replace("Hello", "\u{1}").bytes().map(|b| if b == 1 { 0xe9 } else { b }).collect()),
        ("a mark alone", b"\xff\xfe".to_vec()),
        ("half a mark", b"\xef\xbb".to_vec()),
    ] {
        let answer = MemorySite::new().send(push_bytes(bytes));
        assert_eq!(answer.told(), refusal(400, "Invalid JSON payload", "invalid_json"), "{what}");
    }
    assert_eq!(MemorySite::new().send(push_bytes(le)).told().1["email_id"], EMAIL_ID);
}
