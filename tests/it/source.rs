//! `GMAIL_INGRESS_IP_CHECK_ENABLED`: is the caller Google?

use crate::harness::{Answer, Dns, DnsReply, Mail, Server, TOKEN};
use hickory_proto::rr::rdata::{A, PTR};
use hickory_proto::rr::{Name, RData, RecordType};

/// A name system in which 66.249.66.1 is Google's, 203.0.113.9 only says so, 198.51.100.7 gets no answer.
pub(crate) fn names() -> Dns {
    Dns::start(|name, kind| {
        let ptr = |name: &str| DnsReply::Records(vec![RData::PTR(PTR(Name::from_ascii(name).unwrap()))]);
        match (name, kind) {
            ("1.66.249.66.in-addr.arpa.", RecordType::PTR) => ptr("crawl-1.google.com."),
            ("9.113.0.203.in-addr.arpa.", RecordType::PTR) => ptr("liar.google.com."),
            ("8.113.0.203.in-addr.arpa.", RecordType::PTR) => ptr("google.com.evil.tld."),
            ("7.100.51.198.in-addr.arpa.", _) => DnsReply::Silence,
            ("crawl-1.google.com." | "liar.google.com.", RecordType::A) => {
                DnsReply::Records(vec![RData::A(A::new(66, 249, 66, 1))])
            }
            ("google.com.evil.tld.", RecordType::A) => DnsReply::Records(vec![RData::A(A::new(203, 0, 113, 8))]),
            ("crawl-1.google.com." | "liar.google.com.", _) => DnsReply::Records(vec![]),
            _ => DnsReply::NoSuchName,
        }
    })
}

/// A push from loopback, with a header that claims another address.
pub(crate) async fn push(server: &Server, name: &str, header: Option<(&str, &str)>) -> Answer {
    let mut request = server.request("POST", "/api/ingress/gmail").bearer_auth(TOKEN);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    Answer::of(request.header("content-type", "application/json").body(Mail::new(name).to_json())).await
}

pub(crate) const FORBIDDEN: &str = "Forbidden: IP not from Google";

#[tokio::test]
async fn without_a_proxy_no_header_is_believed() {
    let dns = names();
    let server = Server::start(&[
        ("GMAIL_INGRESS_IP_CHECK_ENABLED", "1"),
        ("DNS_SERVER", &dns.server()),
        ("DNS_QUERY_URL", &dns.query_url()),
    ]);
    // What `cf-connecting-ip` says, a Worker believes: Cloudflare writes it over whatever the client sent.
    for name in ["x-forwarded-for", "true-client-ip", "forwarded"] {
        let spoofed = push(&server, "spoofed", Some((name, "66.249.66.1"))).await;
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
        ("DNS_SERVER", &dns.server()),
        ("DNS_QUERY_URL", &dns.query_url()),
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
        let answer = push(&server, name, address.map(|address| ("cf-connecting-ip", address))).await;
        assert_eq!(answer.status_word(), (status, word.to_owned()), "{name}");
    }
    let silent = push(&server, "silence", Some(("cf-connecting-ip", "198.51.100.7"))).await;
    assert_eq!(silent.status_word(), (503, "Service unavailable".to_owned()));
    assert!(silent.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
}
