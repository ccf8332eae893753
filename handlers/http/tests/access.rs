//! The token of the intake.

use super::site::{Answer, GMAIL, MemorySite, TOKEN, mail, push, refusal, taken};
use http::HeaderValue;
use http::header::AUTHORIZATION;

const OLD: &str = "qzold-99";

/// A push with these values of `Authorization`.
fn with(site: &MemorySite, values: &[&[u8]]) -> Answer {
    let mut request = push(&mail());
    request.headers_mut().remove(AUTHORIZATION);
    for value in values {
        request.headers_mut().append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
    }
    site.send(request)
}

#[test]
fn the_token_is_compared_exactly() {
    let rows: [(&[u8], bool); 17] = [
        (b"Bearer qztoken-5f0c1d", true),
        (b"qztoken-5f0c1d", true),
        (b"", false),
        (b"Bearer", false),
        (b"Bearer ", false),
        (b"bearer qztoken-5f0c1d", false),
        (b"BEARER qztoken-5f0c1d", false),
        (b"Bearer  qztoken-5f0c1d", false),
        (b"Bearer qztoken-5f0c1d ", false),
        (b" qztoken-5f0c1d", false),
        (b"Bearer\tqztoken-5f0c1d", false),
        (b"Bearer Bearer qztoken-5f0c1d", false),
        (b"Bearer qztoken-5f0c1", false),
        (b"Bearer qztoken-5f0c1d1", false),
        (b"Bearer QZTOKEN-5F0C1D", false),
        (b"Basic qztoken-5f0c1d", false),
        (b"Bearer \xe9\xff", false),
    ];
    for (value, right) in rows {
        let expected = if right { taken("queued") } else { refusal(401, "Unauthorized", "unauthorized") };
        assert_eq!(with(&MemorySite::new(), &[value]).told(), expected, "{}", value.escape_ascii());
    }
}

#[test]
fn no_header_and_two_headers_are_no_token() {
    let site = MemorySite::new();
    let token = TOKEN.as_bytes();
    for values in [&[][..], &[token, token], &[token, b"wrong"], &[b"wrong", token]] {
        assert_eq!(with(&site, values).told(), refusal(401, "Unauthorized", "unauthorized"), "{values:?}");
    }
}

#[test]
fn the_token_before_is_accepted_while_it_is_named() {
    let site = MemorySite::with(&[("PROCESS_API_TOKEN_PREVIOUS", OLD)]);
    assert_eq!(with(&site, &[OLD.as_bytes()]).told(), taken("queued"));
    assert_eq!(with(&site, &[TOKEN.as_bytes()]).told(), taken("already_processing"));
    assert_eq!(with(&site, &[b"qzold-98"]).status, 401);
    assert_eq!(with(&MemorySite::new(), &[OLD.as_bytes()]).status, 401);
}

/// The empty header is not the empty token, and a former token is not one that is in force.
#[test]
fn without_a_token_nobody_is_let_in() {
    let site = MemorySite::bare(&[("PROCESS_API_TOKEN_PREVIOUS", OLD)], 4);
    for value in [&b""[..], b"Bearer ", OLD.as_bytes()] {
        let answer = with(&site, &[value]);
        assert_eq!(answer.told(), refusal(503, "Service unavailable", "not_configured"));
        assert_eq!(answer.header("retry-after"), Some("30"));
    }
    assert!(site.mails().is_empty());
}

/// Nothing of a body is read before its sender is known.
#[test]
fn a_stranger_s_body_is_not_read() {
    struct Untouched;
    impl crate::http::Incoming for Untouched {
        async fn next(&mut self) -> Option<Result<bytes::Bytes, crate::http::ReadError>> {
            panic!("read");
        }
    }
    let request = http::Request::post(GMAIL).header("content-length", "10000000").body(Untouched).unwrap();
    assert_eq!(MemorySite::bare(&[("PROCESS_API_TOKEN", TOKEN)], 0).send(request).status, 401);
}
