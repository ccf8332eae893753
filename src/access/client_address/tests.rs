use http::HeaderValue;
use proptest::prelude::*;

use super::*;

const PEER: &str = "192.0.2.99";

type Line<'a> = (&'static str, &'a str);

fn headers(lines: &[Line]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn seen(proxy: &str, lines: &[Line]) -> Option<String> {
    let peer = Some(PEER.parse().unwrap());
    client_address(peer, &headers(lines), proxy.parse().unwrap()).map(|address| address.to_string())
}

#[test]
fn without_a_trusted_proxy_every_header_is_a_claim() {
    let spoofed = [("x-forwarded-for", "10.0.0.1"), ("cf-connecting-ip", "10.0.0.2"), ("true-client-ip", "10.0.0.3")];
    assert_eq!(seen("none", &spoofed).as_deref(), Some(PEER));
    assert_eq!(client_address(None, &headers(&spoofed), TrustedProxy::None), None);
    assert_eq!(TrustedProxy::default(), TrustedProxy::None);
}

#[test]
fn cloudflare_and_render_are_read_from_cloudflares_header_only() {
    for proxy in ["cloudflare", "render"] {
        // The second row is what Render was seen to send for a client that had made up an X-Forwarded-For.
        let rows: [(&[Line], Option<&str>); 8] = [
            (&[("cf-connecting-ip", "203.0.113.7")], Some("203.0.113.7")),
            (
                &[
                    ("cf-connecting-ip", "203.0.113.7"),
                    ("x-forwarded-for", "10.9.9.9,203.0.113.7, 172.71.95.118, 10.19.64.237"),
                ],
                Some("203.0.113.7"),
            ),
            (&[("cf-connecting-ip", "2001:db8::1")], Some("2001:db8::1")),
            (&[("cf-connecting-ip", "::ffff:203.0.113.7")], Some("203.0.113.7")),
            (&[("cf-connecting-ip", "203.0.113.7, 203.0.113.8")], None),
            (&[("cf-connecting-ip", "203.0.113.7"), ("cf-connecting-ip", "203.0.113.8")], None),
            (&[("cf-connecting-ip", "client.example")], None),
            (&[("x-forwarded-for", "203.0.113.7")], None),
        ];
        for (lines, want) in rows {
            assert_eq!(seen(proxy, lines).as_deref(), want, "{proxy} {lines:?}");
        }
    }
}

#[test]
fn a_worker_has_no_peer_and_needs_none() {
    let address = client_address(None, &headers(&[("cf-connecting-ip", "203.0.113.7")]), TrustedProxy::Cloudflare);
    assert_eq!(address, Some("203.0.113.7".parse().unwrap()));
}

#[test]
fn hops_are_counted_from_the_right() {
    let rows = [
        ("1", "203.0.113.7", Some("203.0.113.7")),
        ("1", "10.0.0.1, 203.0.113.7", Some("203.0.113.7")),
        ("2", "10.0.0.1, 203.0.113.7, 198.51.100.1", Some("203.0.113.7")),
        ("3", "10.0.0.1, 203.0.113.7,198.51.100.1 ,\t198.51.100.2", Some("203.0.113.7")),
        // Fewer entries than proxies: it did not come through all of them.
        ("2", "203.0.113.7", None),
        ("1", "", None),
        // What a proxy could not tell stays untold, whatever stands beside it.
        ("1", "203.0.113.7, unknown", None),
        ("2", "203.0.113.7, , 198.51.100.1", None),
        ("1", "203.0.113.7,", None),
        ("1", "203.0.113.7:4711", Some("203.0.113.7")),
        ("1", "2001:db8::1", Some("2001:db8::1")),
        ("1", "[2001:db8::1]", Some("2001:db8::1")),
        ("1", "[2001:db8::1]:4711", Some("2001:db8::1")),
        ("1", "::ffff:203.0.113.7", Some("203.0.113.7")),
        ("1", "0x7f.1", None),
        ("1", "203.0.113.7 198.51.100.1", None),
    ];
    for (hops, line, want) in rows {
        assert_eq!(seen(hops, &[("x-forwarded-for", line)]).as_deref(), want, "{hops} {line}");
    }
}

#[test]
fn several_lines_are_one_list() {
    let lines = [("x-forwarded-for", "10.0.0.1"), ("x-forwarded-for", "203.0.113.7, 198.51.100.1")];
    assert_eq!(seen("1", &lines).as_deref(), Some("198.51.100.1"));
    assert_eq!(seen("2", &lines).as_deref(), Some("203.0.113.7"));
    assert_eq!(seen("3", &lines).as_deref(), Some("10.0.0.1"));
    assert_eq!(seen("4", &lines), None);
}

#[test]
fn hops_never_fall_back_to_the_peer_or_to_another_header() {
    assert_eq!(seen("1", &[]), None);
    assert_eq!(seen("1", &[("cf-connecting-ip", "203.0.113.7"), ("forwarded", "for=203.0.113.7")]), None);
}

#[test]
fn bytes_that_are_no_text_give_nothing() {
    let mut headers = HeaderMap::new();
    headers.insert("x-forwarded-for", HeaderValue::from_bytes(b"203.0.113.7, \xff").unwrap());
    headers.insert("cf-connecting-ip", HeaderValue::from_bytes(b"\xff").unwrap());
    for proxy in ["1", "2", "cloudflare"] {
        assert_eq!(client_address(None, &headers, proxy.parse().unwrap()), None, "{proxy}");
    }
}

#[test]
fn the_setting_is_parsed_strictly() {
    for (text, want) in
        [("none", "none"), (" Cloudflare ", "cloudflare"), ("RENDER", "render"), ("1", "1"), ("16", "16")]
    {
        assert_eq!(text.parse::<TrustedProxy>().unwrap().to_string(), want);
    }
    assert_eq!("".parse(), Ok(TrustedProxy::None));
    for text in ["0", "17", "256", "-1", "1.5", "yes", "true", "*", "10.0.0.0/8", "none,render"] {
        assert_eq!(text.parse::<TrustedProxy>(), Err(BadTrustedProxy), "{text}");
    }
}

proptest! {
    /// Whatever a client writes first, the entry its proxies added decides.
    #[test]
    fn a_client_cannot_choose_its_address(spoofed in proptest::collection::vec("[ -~]{0,60}", 0..4), hops in 1_u8..5) {
        let added: Vec<String> = (0..hops).map(|n| format!("203.0.113.{n}")).collect();
        let mut map = HeaderMap::new();
        for line in &spoofed {
            map.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
        }
        map.append("x-forwarded-for", HeaderValue::from_str(&added.join(", ")).unwrap());
        let proxy = TrustedProxy::Hops(NonZeroU8::new(hops).unwrap());
        prop_assert_eq!(client_address(None, &map, proxy), Some("203.0.113.0".parse().unwrap()));
    }
}
