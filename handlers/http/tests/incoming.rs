//! Size limits, and the places of large bodies: taken by those that need one, given back on every way out.

use super::site::{Answer, GMAIL, MemorySite, Pieces, TOKEN, mail, push, refusal, taken};
use crate::http::ReadError;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Request};
use render_signal::config::DocumentKey;
use render_signal::memory::{Call, Fault, Side};
use render_signal::ports::Home;
use serde_json::{Value, json};

const MIB: usize = 1 << 20;
const LIMIT: usize = 10 * MIB;

/// A push of exactly so many bytes.
fn sized(bytes: usize) -> String {
    let mut mail = mail();
    mail["snippet"] = json!("");
    let pad = bytes - mail.to_string().len();
    mail["snippet"] = Value::from("x".repeat(pad));
    mail.to_string()
}

fn pieces(pieces: Vec<Result<Bytes, ReadError>>) -> Request<Pieces> {
    let request = Request::post(GMAIL).header("authorization", TOKEN).header(CONTENT_TYPE, "application/json");
    request.body(Pieces(pieces)).unwrap()
}

fn announced(length: &str, text: String) -> Request<Pieces> {
    let mut request = pieces(vec![Ok(text.into())]);
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_str(length).unwrap());
    request
}

fn one_place(settings: &[(&str, &str)]) -> MemorySite {
    MemorySite::bare(&[&[("PROCESS_API_TOKEN", TOKEN)], settings].concat(), 1)
}

/// Its one place is free: a large body is not told to wait.
fn assert_free(site: &MemorySite, after: &str) {
    site.home.faults().clear();
    site.configure(DocumentKey::RuntimeFlags, json!({}));
    site.configure(DocumentKey::WebhookConfig, json!({}));
    let answer = site.send(pieces(vec![Ok(Bytes::from(sized(MIB + 1)))]));
    assert_eq!(answer.status, 200, "after {after}: {answer:?}");
}

#[test]
fn up_to_ten_mebibytes_are_taken() {
    for length in [MIB, MIB + 1, LIMIT] {
        assert_eq!(MemorySite::new().send(announced(&length.to_string(), sized(length))).told(), taken("queued"));
        assert_eq!(MemorySite::new().send(pieces(vec![Ok(sized(length).into())])).told(), taken("queued"));
    }
}

#[test]
fn more_is_refused_announced_or_not() {
    let too_large = refusal(413, "Request body over 10 MiB", "too_large");
    for length in ["10485761", "4294967296", "18446744073709551615"] {
        assert_eq!(one_place(&[]).send(announced(length, "{}".to_owned())).told(), too_large, "{length}");
    }
    assert_eq!(one_place(&[]).send(pieces(vec![Ok(sized(LIMIT + 1).into())])).told(), too_large);
    let piece = || Ok(Bytes::from(vec![b' '; MIB]));
    let endless = (0..100).map(|_| piece()).collect();
    assert_eq!(one_place(&[]).send(pieces(endless)).told(), too_large);
    assert_eq!(one_place(&[]).send(announced("5", sized(LIMIT + 1))).told(), too_large, "a lie");
}

/// A body shorter than announced broke off on its way; the client sends it again.
#[test]
fn a_body_shorter_than_announced_is_not_a_mail() {
    let answer = MemorySite::new().send(announced("1048577", mail().to_string()));
    assert_eq!((answer.status, &answer.told().1["code"]), (408, &json!("unreadable_body")));
}

/// Otherwise the length is a hint: what is no number, or too little, changes nothing but the memory set aside.
#[test]
fn an_odd_length_is_not_believed() {
    for length in ["", "x", "-1", "5", "99999999999999999999999"] {
        assert_eq!(MemorySite::new().send(announced(length, mail().to_string())).told(), taken("queued"), "{length:?}");
    }
}

#[test]
fn pieces_are_put_together() {
    let text = mail().to_string();
    let bytes = text.bytes().map(|byte| Ok(Bytes::from(vec![byte])));
    let bytes = bytes.flat_map(|piece| [Ok(Bytes::new()), piece]).collect();
    assert_eq!(MemorySite::new().send(pieces(bytes)).told(), taken("queued"));
}

#[test]
fn a_body_that_breaks_off_is_refused_even_when_it_was_whole() {
    let unreadable = refusal(408, "Request body could not be read", "unreadable_body");
    let site = one_place(&[]);
    for first in [String::new(), "{".to_owned(), mail().to_string(), sized(MIB + 1)] {
        assert_eq!(site.send(pieces(vec![Ok(first.into()), Err(ReadError)])).told(), unreadable);
    }
    assert!(site.mails().is_empty());
    assert_free(&site, "breaking off");
}

#[test]
fn a_large_body_beyond_the_places_is_told_to_wait_and_a_small_one_is_not() {
    let site = MemorySite::bare(&[("PROCESS_API_TOKEN", TOKEN)], 0);
    for request in [announced("1048577", sized(MIB + 1)), pieces(vec![Ok(sized(MIB + 1).into())])] {
        let answer = site.send(request);
        assert_eq!(answer.told(), refusal(503, "Service unavailable", "busy"));
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
    assert_eq!(site.send(pieces(vec![Ok(sized(MIB).into())])).told(), taken("queued"));
}

/// What is tried, what makes it so, the request and its status.
type Way = (&'static str, fn(&MemorySite), Request<Pieces>, u16);

#[test]
fn the_place_is_given_back_on_every_way_out() {
    let large = || sized(MIB + 2);
    let whole = |text: String| pieces(vec![Ok(text.into())]);
    let nothing: fn(&MemorySite) = |_| {};
    let ways: Vec<Way> = vec![
        ("queued", nothing, whole(large()), 200),
        ("announced", nothing, announced("1048578", large()), 200),
        ("announced and not sent", nothing, announced("1048578", String::new()), 408),
        ("too large", nothing, whole(sized(LIMIT + 1)), 413),
        ("broken off", nothing, pieces(vec![Ok(large().into()), Err(ReadError)]), 408),
        ("not JSON", nothing, whole(large().replacen('{', "", 1)), 400),
        ("no sender", nothing, whole(large().replace("\"sender\"", "\"from\"")), 400),
        ("no body", nothing, whole(large().replace("\"body\"", "\"text\"")), 400),
        ("ledger down", |site| site.home.faults().every(Call::Admit, Fault::Fail(Side::Before)), whole(large()), 503),
        ("lost answer", |site| site.home.faults().every(Call::Admit, Fault::Fail(Side::After)), whole(large()), 503),
        (
            "config down",
            |site| site.home.faults().every(Call::LoadConfig, Fault::Fail(Side::Before)),
            whole(large()),
            503,
        ),
        (
            "disabled",
            |site| site.configure(DocumentKey::RuntimeFlags, json!({"gmail_ingress_enabled": false})),
            whole(large()),
            409,
        ),
        (
            "paused",
            |site| site.configure(DocumentKey::WebhookConfig, json!({"webhook_sending_enabled": false})),
            whole(large()),
            409,
        ),
    ];
    for (name, prepare, request, status) in ways {
        let site = one_place(&[]);
        prepare(&site);
        assert_eq!(site.send(request).status, status, "{name}");
        assert_free(&site, name);
    }
}

/// The store is slow with four of them: a fifth waits, and what waits is not the store's.
#[test]
fn the_place_is_kept_until_the_store_has_answered() {
    use futures_executor::block_on;
    let site = one_place(&[]);
    site.home.faults().at_call(Call::Admit, 0, Fault::Cut(Side::Before));
    let call = || crate::http::Call { request: pieces(vec![Ok(sized(MIB + 1).into())]), peer: None };
    let mut first = Box::pin(crate::http::handle(&site, call()));
    assert!(block_on(site.home.faults().until_cut(first.as_mut())).is_none());
    site.home.faults().revive();
    assert_eq!(block_on(crate::http::handle(&site, call())).status().as_u16(), 503);
    drop(first);
    assert_eq!(block_on(crate::http::handle(&site, call())).status().as_u16(), 200);
}

#[test]
fn a_request_without_a_body_is_an_invalid_payload() {
    let mut request = push(&mail());
    *request.body_mut() = None;
    let answer: Answer = MemorySite::new().send(request);
    assert_eq!(answer.told(), refusal(400, "Invalid JSON payload", "invalid_json"));
}

/// GET and OPTIONS read no body, however large it says it is.
#[test]
fn where_no_body_is_wanted_none_is_read() {
    let site = MemorySite::bare(&[], 0);
    let mut request = Request::get("/health").body(Pieces(vec![Err(ReadError)])).unwrap();
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(u64::MAX));
    assert_eq!(site.send(request).status, 200);
    assert!(site.home.ledger().leases().is_empty());
}
