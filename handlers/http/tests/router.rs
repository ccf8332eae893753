//! Paths and methods that are there, and those that are not.

use super::site::{GMAIL, MemorySite, mail, push, refusal};
use bytes::Bytes;
use http::{Method, Request, Uri};

const GETS: [&str; 3] = ["/health", "/ready", "/api/ping"];

#[test]
fn what_is_not_there_is_404() {
    let site = MemorySite::new();
    for uri in [
        "/",
        "/nothing",
        "/health/",
        "/ready/",
        "/api/ping/",
        "/api",
        "/api/",
        "/api/ingress",
        "/api/ingress/gmail/",
        "//health",
        "/health//",
        "/Health",
        "/HEALTH",
        "/%68ealth",
        "/health%2f",
        "/health%00",
        "/health;x",
        "/./health",
        "/x/../health",
        "/api//ping",
        "/healthz",
        "/heal",
        "/?/health",
        "/%",
        "/%zz",
    ] {
        let uri: Uri = uri.parse().unwrap();
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::TRACE] {
            let answer = site.call(method.clone(), &uri.to_string());
            assert_eq!(answer.told(), refusal(404, "Not found", "not_found"), "{method} {uri}");
            assert_eq!(answer.header("allow"), None);
        }
    }
}

/// As proxies and strangers may write them.
#[test]
fn every_form_of_a_request_target_is_answered() {
    let site = MemorySite::new();
    for (method, uri, status) in [
        (Method::GET, "/health?", 200),
        (Method::GET, "/health?a=/nothing&b", 200),
        (Method::GET, "http://signal.test/health", 200),
        (Method::GET, "https://signal.test:8443/health?x", 200),
        (Method::GET, "http://signal.test", 404),
        (Method::GET, "http://user@signal.test/health", 200),
        (Method::OPTIONS, "*", 404),
        (Method::GET, "*", 404),
        (Method::CONNECT, "signal.test:443", 404),
        (Method::CONNECT, "/health", 405),
        (Method::from_bytes(b"BREW").unwrap(), "/health", 405),
    ] {
        assert_eq!(site.call(method.clone(), uri).status, status, "{method} {uri}");
    }
    assert_eq!(site.send(Request::new(None::<Bytes>)).status, 404, "the empty request");
    let long = format!("/{}", "a".repeat(60_000));
    assert_eq!(site.get(&long).status, 404);
}

#[test]
fn another_method_is_405_and_says_which_there_are() {
    let site = MemorySite::new();
    let others = [Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE, Method::CONNECT];
    let not_allowed = || refusal(405, "Method not allowed", "method_not_allowed");
    for method in others.iter().chain([&Method::GET]) {
        let answer = site.call(method.clone(), GMAIL);
        assert_eq!((answer.told(), answer.header("allow")), (not_allowed(), Some("OPTIONS, POST")), "{method}");
    }
    for path in GETS {
        for method in others.iter().chain([&Method::POST]) {
            let answer = site.call(method.clone(), path);
            let expected = (not_allowed(), Some("OPTIONS, HEAD, GET"));
            assert_eq!((answer.told(), answer.header("allow")), expected, "{method} {path}");
        }
    }
    let mut request = push(&mail());
    *request.method_mut() = Method::PUT;
    assert_eq!(site.send(request).status, 405, "with the token too");
    assert!(site.mails().is_empty());
}

#[test]
fn head_is_get_without_its_body() {
    for path in ["/health", "/ready", "/api/ping", "/nothing", GMAIL] {
        for site in [MemorySite::new(), MemorySite::bare(&[], 4)] {
            let (head, get) = (site.call(Method::HEAD, path), site.get(path));
            assert_eq!(head.status, get.status, "{path}");
            assert!(head.body.is_empty() && !get.body.is_empty(), "{path}");
            let length = get.body.len().to_string();
            assert_eq!(head.header("content-length"), Some(length.as_str()), "{path}");
            for (name, value) in &get.headers {
                assert_eq!(head.headers.get(name), Some(value), "{path} {name}");
            }
        }
    }
}

#[test]
fn options_tells_the_methods_to_anybody() {
    let site = MemorySite::bare(&[], 0);
    for (path, allow) in GETS.map(|path| (path, "OPTIONS, HEAD, GET")).into_iter().chain([(GMAIL, "OPTIONS, POST")]) {
        let answer = site.call(Method::OPTIONS, path);
        assert_eq!((answer.status, answer.header("allow"), answer.body.len()), (204, Some(allow), 0), "{path}");
    }
}
