//! `GMAIL_INGRESS_IP_CHECK_ENABLED`: is the caller Google?

use crate::harness::{Answer, Dns, DnsReply, Mail, Server, TOKEN};
use hickory_proto::rr::rdata::{A, PTR};
use hickory_proto::rr::{Name, RData, RecordType};
use std::net::IpAddr;

/// A name system in which 66.249.66.1 is Google's and 127.0.0.66 too, 203.0.113.9 only says so, 198.51.100.7 gets no answer.
fn names() -> Dns {
    Dns::start(|name, kind| {
        let ptr = |name: &str| DnsReply::Records(vec![RData::PTR(PTR(Name::from_ascii(name).unwrap()))]);
        match (name, kind) {
            ("1.66.249.66.in-addr.arpa.", RecordType::PTR) => ptr("crawl-1.google.com."),
            ("66.0.0.127.in-addr.arpa.", RecordType::PTR) => ptr("local.google.com."),
            ("9.113.0.203.in-addr.arpa.", RecordType::PTR) => ptr("liar.google.com."),
            ("8.113.0.203.in-addr.arpa.", RecordType::PTR) => ptr("google.com.evil.tld."),
            ("7.100.51.198.in-addr.arpa.", _) => DnsReply::Silence,
            ("crawl-1.google.com.", RecordType::A) => DnsReply::Records(vec![RData::A(A::new(66, 249, 66, 1))]),
            ("local.google.com.", RecordType::A) => DnsReply::Records(vec![RData::A(A::new(127, 0, 0, 66))]),
            ("liar.google.com.", RecordType::A) => DnsReply::Records(vec![RData::A(A::new(66, 249, 66, 1))]),
            ("google.com.evil.tld.", RecordType::A) => DnsReply::Records(vec![RData::A(A::new(203, 0, 113, 8))]),
            ("crawl-1.google.com." | "local.google.com." | "liar.google.com.", _) => DnsReply::Records(vec![]),
            _ => DnsReply::NoSuchName,
        }
    })
}

/// A push from an address, with a header that claims another one.
async fn push(server: &Server, name: &str, from: &str, header: Option<(&str, &str)>) -> Answer {
    let from: IpAddr = from.parse().unwrap();
    let client = reqwest::Client::builder().no_proxy().local_address(from).build().unwrap();
    let mut request = client.post(server.url("/api/ingress/gmail")).bearer_auth(TOKEN);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    Answer::of(request.header("content-type", "application/json").body(Mail::new(name).to_json())).await
}

const FORBIDDEN: &str = "Forbidden: IP not from Google";

#[tokio::test]
async fn the_peer_is_asked_for_and_headers_are_not_believed() {
    let dns = names();
    let server = Server::start(&[("GMAIL_INGRESS_IP_CHECK_ENABLED", "1"), ("DNS_SERVER", &dns.address.to_string())]);
    let google = push(&server, "peer-google", "127.0.0.66", None).await;
    assert_eq!(google.status_word(), (200, "queued".to_owned()));
    for name in ["cf-connecting-ip", "x-forwarded-for", "true-client-ip", "forwarded"] {
        let spoofed = push(&server, "spoofed", "127.0.0.9", Some((name, "66.249.66.1"))).await;
        assert_eq!(spoofed.status_word(), (403, FORBIDDEN.to_owned()), "{name}");
    }
    // The token comes first: an unknown caller learns nothing, and costs no question.
    assert_eq!(Answer::of(server.request("POST", "/api/ingress/gmail")).await.status, 401);
    // A wrong source is told before a malformed body.
    let malformed = server.request("POST", "/api/ingress/gmail").bearer_auth(TOKEN).body("{");
    assert_eq!(Answer::of(malformed).await.status_word(), (403, FORBIDDEN.to_owned()));
}

#[tokio::test]
async fn behind_cloudflare_its_header_is_the_source() {
    let dns = names();
    let server = Server::start(&[
        ("GMAIL_INGRESS_IP_CHECK_ENABLED", "1"),
        ("DNS_SERVER", &dns.address.to_string()),
        ("TRUSTED_PROXY", "cloudflare"),
    ]);
    let rows = [
        ("google", Some("66.249.66.1"), 200, "queued"),
        ("claims-only", Some("203.0.113.9"), 403, FORBIDDEN),
        ("look-alike", Some("203.0.113.8"), 403, FORBIDDEN),
        ("no-name", Some("203.0.113.1"), 403, FORBIDDEN),
        ("not-an-address", Some("google.com"), 403, FORBIDDEN),
        ("no-header", None, 403, FORBIDDEN),
    ];
    for (name, address, status, word) in rows {
        let answer = push(&server, name, "127.0.0.66", address.map(|address| ("cf-connecting-ip", address))).await;
        assert_eq!(answer.status_word(), (status, word.to_owned()), "{name}");
    }
    let silent = push(&server, "silence", "127.0.0.66", Some(("cf-connecting-ip", "198.51.100.7"))).await;
    assert_eq!(silent.status_word(), (503, "Service unavailable".to_owned()));
    assert!(silent.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
}
