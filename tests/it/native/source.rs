//! Whose address a server believes that has no platform in front of it, or another one than Cloudflare.

use crate::harness::{Native, Server};
use crate::source::{FORBIDDEN, names, push};

#[tokio::test]
async fn cloudflares_header_is_not_believed_where_cloudflare_is_not() {
    let dns = names();
    let server = Server::on(Native::new(&[("GMAIL_INGRESS_IP_CHECK_ENABLED", "1"), ("DNS_SERVER", &dns.server())]));
    let spoofed = push(&server, "spoofed", Some(("cf-connecting-ip", "66.249.66.1"))).await;
    assert_eq!(spoofed.status_word(), (403, FORBIDDEN.to_owned()));
}

#[tokio::test]
async fn behind_so_many_proxies_what_they_added_is_the_source() {
    let dns = names();
    let server = Server::on(Native::new(&[
        ("GMAIL_INGRESS_IP_CHECK_ENABLED", "1"),
        ("DNS_SERVER", &dns.server()),
        ("TRUSTED_PROXY", "2"),
    ]));
    let rows = [
        ("two", "66.249.66.1, 10.0.0.1", 200),
        ("a-client-that-lies", "66.249.66.1, 203.0.113.1, 10.0.0.1", 403),
        ("past-a-proxy", "66.249.66.1", 403),
    ];
    for (name, chain, status) in rows {
        let answer = push(&server, name, Some(("x-forwarded-for", chain))).await;
        assert_eq!(answer.status, status, "{name}");
    }
}
