//! Whether a push comes from Google, where that is checked.

use super::site::{Answer, GMAIL, MemorySite, mail, push, refusal, taken};
use http::{HeaderValue, Request};
use render_signal::memory::{Call, Fault, Side};
use render_signal::ports::{Home, Level};
use std::net::IpAddr;

const GOOGLE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 10));
const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 66));
const LIAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 67));
const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

type Headers<'a> = &'a [(&'static str, &'a str)];

/// A site that checks, in a world with an address of Google's, another, and one that claims to be Google's.
fn checking(settings: &[(&str, &str)]) -> MemorySite {
    let site = MemorySite::with(&[&[("GMAIL_INGRESS_IP_CHECK_ENABLED", "true")], settings].concat());
    let names = site.home.names();
    names.set_reverse(GOOGLE, &["rate-limited-proxy-10.google.com."]);
    names.set_forward("rate-limited-proxy-10.google.com.", &[GOOGLE]);
    names.set_reverse(OTHER, &["host.elsewhere.tld."]);
    names.set_forward("host.elsewhere.tld.", &[OTHER]);
    names.set_reverse(LIAR, &["rate-limited-proxy-10.google.com."]);
    site
}

fn from(site: &MemorySite, peer: Option<IpAddr>, headers: Headers<'_>) -> Answer {
    let mut request = push(&mail());
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_str(value).unwrap());
    }
    site.send_from(peer, request)
}

fn forbidden() -> (u16, serde_json::Value) {
    refusal(403, "Forbidden: IP not from Google", "not_google")
}

#[test]
fn without_the_check_nobody_is_asked() {
    let site = MemorySite::new();
    assert_eq!(from(&site, Some(OTHER), &[]).told(), taken("queued"));
    assert!(!site.home.faults().calls().contains(&Call::Reverse));
}

#[test]
fn the_peer_is_google_or_it_is_not() {
    let unknown = IpAddr::from([198, 51, 100, 1]);
    for (peer, google) in [(GOOGLE, true), (OTHER, false), (LIAR, false), (unknown, false)] {
        let site = checking(&[]);
        let expected = if google { taken("queued") } else { forbidden() };
        assert_eq!(from(&site, Some(peer), &[("cf-connecting-ip", "192.0.2.10")]).told(), expected, "{peer}");
        assert_eq!(site.mails().len(), usize::from(google));
        let lines = site.home.journal().find("ingest", "not_google");
        assert_eq!(lines.len(), usize::from(!google), "{peer}");
    }
}

#[test]
fn the_client_is_the_one_that_the_trusted_proxy_names() {
    let table: [(&str, Headers<'_>, bool); 10] = [
        ("cloudflare", &[("cf-connecting-ip", "192.0.2.10")], true),
        ("cloudflare", &[("cf-connecting-ip", "192.0.2.66")], false),
        ("cloudflare", &[("x-forwarded-for", "192.0.2.10")], false),
        ("cloudflare", &[("cf-connecting-ip", "192.0.2.10"), ("cf-connecting-ip", "192.0.2.10")], false),
        ("render", &[("cf-connecting-ip", "192.0.2.10")], true),
        ("1", &[("x-forwarded-for", "192.0.2.66, 192.0.2.10")], true),
        ("1", &[("x-forwarded-for", "192.0.2.10, 192.0.2.66")], false),
        ("2", &[("x-forwarded-for", "192.0.2.10, 192.0.2.66")], true),
        ("2", &[("x-forwarded-for", "192.0.2.10")], false),
        ("none", &[("x-forwarded-for", "192.0.2.10")], false),
    ];
    for (proxy, headers, google) in table {
        let site = checking(&[("TRUSTED_PROXY", proxy)]);
        let expected = if google { taken("queued") } else { forbidden() };
        assert_eq!(from(&site, Some(PROXY), headers).told(), expected, "{proxy} {headers:?}");
    }
}

/// A wrong `TRUSTED_PROXY` keeps everybody out: the log says so.
#[test]
fn a_client_without_an_address_is_not_google_s() {
    for (proxy, peer) in [("none", None), ("cloudflare", Some(GOOGLE)), ("3", Some(GOOGLE))] {
        let site = checking(&[("TRUSTED_PROXY", proxy)]);
        assert_eq!(from(&site, peer, &[]).told(), forbidden(), "{proxy}");
        assert_eq!(site.home.journal().find("ingest", "no_client_address")[0].level, Level::Warn);
        assert!(!site.home.faults().calls().contains(&Call::Reverse));
    }
}

#[test]
fn a_resolver_that_does_not_answer_is_an_outage_and_no_verdict() {
    for call in [Call::Reverse, Call::Forward] {
        let site = checking(&[]);
        site.home.faults().every(call, Fault::Fail(Side::Before));
        let answer = from(&site, Some(GOOGLE), &[]);
        assert_eq!(answer.told(), refusal(503, "Service unavailable", "names_unavailable"));
        assert_eq!(answer.header("retry-after"), Some("30"));
        assert!(site.home.journal().find("ingest", "names_unavailable")[0].cause.is_some());
        site.home.faults().clear();
        assert_eq!(from(&site, Some(GOOGLE), &[]).told(), taken("queued"));
    }
}

/// Strangers cost no look-up, and nor do those who push too much.
#[test]
fn names_are_asked_only_for_those_who_hold_the_token_and_keep_to_the_rate() {
    let site = checking(&[("INGRESS_RATE_PER_MINUTE", "1")]);
    let stranger = Request::post(GMAIL).body(None::<bytes::Bytes>).unwrap();
    assert_eq!(site.send_from(Some(GOOGLE), stranger).status, 401);
    assert!(!site.home.faults().calls().contains(&Call::Reverse));
    assert_eq!(from(&site, Some(GOOGLE), &[]).status, 200);
    site.home.faults().clear();
    let answer = from(&site, Some(GOOGLE), &[]);
    assert_eq!(answer.told(), refusal(429, "Too many requests", "rate_limited"));
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert!(!site.home.faults().calls().contains(&Call::Reverse));
    site.clock().advance(core::time::Duration::from_mins(1));
    assert_eq!(from(&site, Some(GOOGLE), &[]).told(), taken("already_processing"));
}
