use super::*;
use UrlRefusal::{ForbiddenAddress, LocalName, Malformed, NotHttps, OwnHost, Placeholder, TooLong, Userinfo};
use proptest::prelude::*;

fn strict() -> UrlPolicy {
    UrlPolicy {
        loopback: Loopback::Refused,
        own_hosts: vec!["Signal.Client.example.".into(), "bücher.example".into(), "9.9.9.9".into()],
    }
}

fn parse(text: &str) -> Result<String, UrlRefusal> {
    TargetUrl::parse(text, &strict()).map(|url| url.as_str().to_owned())
}

#[test]
fn one_spelling_is_kept() {
    for (text, kept) in [
        ("https://hook.eu2.make.com/abc", "https://hook.eu2.make.com/abc"),
        ("  https://hook.eu2.make.com/abc\n", "https://hook.eu2.make.com/abc"),
        ("HTTPS://Hook.EU2.make.com:443/Abc?Q=1#part", "https://hook.eu2.make.com/Abc?Q=1"),
        ("https://hook.eu2.make.com./abc", "https://hook.eu2.make.com/abc"),
        ("https://hooks.client.example:8443", "https://hooks.client.example:8443/"),
        ("https://münchen.client.example/x", "https://xn--mnchen-3ya.client.example/x"),
        ("https://8.8.8.8/x", "https://8.8.8.8/x"),
        ("https://0x8.8.2056/x", "https://8.8.8.8/x"),
        ("https://[2606:4700:0:0::1111]/x", "https://[2606:4700::1111]/x"),
        ("https://[::ffff:8.8.8.8]/x", "https://[::ffff:808:808]/x"),
        ("https://www.example.org/x", "https://www.example.org/x"), // as the predecessor
        ("https://www.test.com/x", "https://www.test.com/x"),       // as the predecessor
        ("https://notexample.com/x", "https://notexample.com/x"),
        ("https://mylocal.client.example/@b?u=a@b", "https://mylocal.client.example/@b?u=a@b"),
    ] {
        assert_eq!(parse(text), Ok(kept.to_owned()), "{text}");
    }
}

#[test]
fn every_spelling_of_a_forbidden_address_is_refused() {
    for host in [
        // 127.0.0.2 (127.0.0.1 itself is a placeholder, below)
        "127.0.0.2",
        "127.2",
        "127.0.2",
        "2130706434",
        "0x7f000002",
        "0X7F000002",
        "0x7f.0.0.2",
        "017700000002",
        "0177.0.0.2",
        "0177.0x0.0.2",
        "127.0.0.2.",
        "127.000.000.002",
        "%31%32%37.0.0.2",
        "１２７.0.0.2",
        "127。0。0。2",
        "①②⑦.0.0.2",
        // private, shared, link-local, this network
        "10.0.0.1",
        "10.1",
        "167772161",
        "0xa000001",
        "012.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.168.257",
        "3232235777",
        "0xc0a80101",
        "100.64.0.1",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "0",
        "0.0.0.0",
        "0x0",
        "00",
        // multicast, documentation, benchmark, reserved
        "224.0.0.1",
        "192.0.2.1",
        "198.51.100.7",
        "203.0.113.9",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "4294967295",
        "192.0.0.8",
        "192.88.99.1",
        // IPv6
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[0000::0001]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:FFFF:10.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2002:a00:1::1]",
        "[2001::1]",
        "[2001:db8::1]",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[fe80::1]",
        "[ff02::1]",
        "[3fff::1]",
    ] {
        assert_eq!(parse(&format!("https://{host}/x")), Err(ForbiddenAddress), "{host}");
        assert_eq!(parse(&format!("https://{host}:8443")), Err(ForbiddenAddress), "{host} with a port");
        assert_eq!(parse(&format!("http://{host}/x")), Err(NotHttps), "{host} over http");
    }
}

#[test]
fn names_are_refused_by_what_they_mean() {
    for (host, refusal) in [
        ("intranet", LocalName),
        ("redis", LocalName),
        ("com", LocalName),
        ("com.", LocalName),
        ("redis:6379", LocalName),
        ("a.localhost", LocalName),
        ("A.LocalHost.", LocalName),
        ("localhost.localdomain", LocalName),
        ("printer.local", LocalName),
        ("metadata.google.internal", LocalName),
        ("METADATA.google.INTERNAL.", LocalName),
        ("nas.home.arpa", LocalName),
        ("home.arpa", LocalName),
        ("ｌocal.ｌocal", LocalName),
        ("example.com", Placeholder),
        ("EXAMPLE.com", Placeholder),
        ("example.com.", Placeholder),
        ("hooks.example.com", Placeholder),
        ("example.org", Placeholder),
        ("example.net", Placeholder),
        ("a.b.example.net", Placeholder),
        ("test.com", Placeholder),
        ("localhost", Placeholder),
        ("LOCALHOST.", Placeholder),
        ("127.0.0.1", Placeholder),
        ("127.1", Placeholder),
        ("2130706433", Placeholder),
        ("example%2ecom", Placeholder),
        ("example。com", Placeholder),
        ("signal.client.example", OwnHost),
        ("SIGNAL.client.example.", OwnHost),
        ("signal.client.example:444", OwnHost),
        ("BÜCHER.example", OwnHost),
        ("xn--bcher-kva.example", OwnHost),
        ("9.9.9.9", OwnHost),
        ("0x9.9.9.9", OwnHost),
    ] {
        assert_eq!(parse(&format!("https://{host}/x")), Err(refusal), "{host}");
    }
}

#[test]
fn what_is_not_one_https_url_is_refused() {
    for (text, refusal) in [
        ("", Malformed),
        ("   ", Malformed),
        ("hook.eu2.make.com/abc", Malformed),
        ("https:hook.eu2.make.com", Malformed),
        ("https:/hook.eu2.make.com", Malformed),
        ("https://", Malformed),
        ("https:///", Malformed),
        ("https:\\\\hook.eu2.make.com", Malformed),
        ("https://hook.eu2.make.com\\@evil.client.example/", Malformed),
        ("https://hook.eu2.\nmake.com/", Malformed),
        ("https://hook.eu2.make.com/a\tb", Malformed),
        ("https://hook.eu2.make.com/\u{0}", Malformed),
        ("https://a b.client.example/", Malformed),
        ("https://a..client.example/", Malformed),
        ("https://.client.example/", Malformed),
        ("https://client.example../", Malformed),
        ("https://256.256.256.256/", Malformed),
        ("https://1.2.3.4.5/", Malformed),
        ("https://0x100000000/", Malformed),
        ("https://hooks.client.example.1/", Malformed),
        ("https://[fe80::1%25eth0]/", Malformed),
        ("https://[::1/", Malformed),
        ("https://hook.eu2.make.com:99999/", Malformed),
        ("https://hook.eu2.make.com:x/", Malformed),
        ("https://ho%00st.client.example/", Malformed),
        ("http://hook.eu2.make.com/abc", NotHttps),
        ("ftp://hook.eu2.make.com/", NotHttps),
        ("file:///etc/passwd", NotHttps),
        ("javascript://hook.eu2.make.com/%0aalert(1)", NotHttps),
        ("wss://hook.eu2.make.com/", NotHttps),
        ("http://localhost/", NotHttps),
        ("httpss://hook.eu2.make.com/", NotHttps),
        ("https://user@hook.eu2.make.com/", Userinfo),
        ("https://user:pw@hook.eu2.make.com/", Userinfo),
        ("https://:pw@hook.eu2.make.com/", Userinfo),
        ("https://hook.eu2.make.com:443@127.0.0.1/", Userinfo),
        ("https://8.8.8.8%40@10.0.0.1/", Userinfo),
    ] {
        assert_eq!(parse(text), Err(refusal), "{text:?}");
    }
}

#[test]
fn length_is_measured_as_sent() {
    let with_path = |letters: usize| format!("https://hook.eu2.make.com/{}", "a".repeat(letters));
    assert!(parse(&with_path(2048 - 26)).is_ok());
    assert_eq!(parse(&with_path(2048 - 25)), Err(TooLong));
    assert_eq!(parse(&format!("https://hook.eu2.make.com/{}", "é".repeat(500))), Err(TooLong)); // six bytes each, encoded
    assert_eq!(parse(&"https://".repeat(1_000_000)), Err(TooLong));
}

#[test]
fn the_loopback_switch_admits_loopback_addresses_and_nothing_else() {
    let policy =
        UrlPolicy { loopback: Loopback::Allowed, own_hosts: vec!["127.0.0.1".into(), "signal.client.example".into()] };
    for text in [
        "http://127.0.0.1:9000/hook",
        "https://127.0.0.1/hook",
        "http://127.8.9.10:1/",
        "http://[::1]:9000/",
        "https://[::1]/",
        "http://2130706433/",
    ] {
        assert!(TargetUrl::parse(text, &policy).is_ok(), "{text}");
    }
    for (text, refusal) in [
        ("http://localhost:9000/", NotHttps),
        ("https://localhost/", Placeholder),
        ("https://a.localhost/", LocalName),
        ("http://8.8.8.8/", NotHttps),
        ("http://hook.eu2.make.com/", NotHttps),
        ("http://0.0.0.0/", NotHttps),
        ("https://0.0.0.0/", ForbiddenAddress),
        ("https://10.0.0.1/", ForbiddenAddress),
        ("https://[::ffff:127.0.0.1]/", ForbiddenAddress),
        ("http://[::ffff:127.0.0.1]/", NotHttps),
        ("https://[fe80::1]/", ForbiddenAddress),
        ("http://u@127.0.0.1/", Userinfo),
        ("https://signal.client.example/", OwnHost),
        ("ftp://127.0.0.1/", NotHttps),
    ] {
        assert_eq!(TargetUrl::parse(text, &policy).map(|_| ()), Err(refusal), "{text}");
    }
}

#[test]
fn nothing_shown_tells_the_path() {
    let url = TargetUrl::parse("https://hook.eu2.make.com/tok3n?sig=s3cret", &strict()).unwrap();
    assert_eq!(url.masked(), "https://hook.eu2.make.com/***");
    assert_eq!(format!("{url:?}"), "TargetUrl(https://hook.eu2.make.com/***)");
    let ported = TargetUrl::parse("https://hooks.client.example:8443/tok3n", &strict()).unwrap();
    assert_eq!(ported.masked(), "https://hooks.client.example:8443/***");
}

#[test]
fn the_key_is_the_digest_of_the_kept_spelling() {
    let key = |text| TargetUrl::parse(text, &strict()).unwrap().key();
    // SHA-256 of the URL, computed outside this code.
    assert_eq!(key("https://hook.eu2.make.com/abc").as_str(), "url_ad5a5c4adc761d25");
    assert_eq!(key("HTTPS://HOOK.eu2.make.com.:443/abc#x"), key("https://hook.eu2.make.com/abc"));
    assert_ne!(key("https://hook.eu2.make.com/abd"), key("https://hook.eu2.make.com/abc"));
    assert_eq!(TargetKey::parse("url_ad5a5c4adc761d25"), Some(key("https://hook.eu2.make.com/abc")));
    for text in ["", "url_", "url_AD5A5C4ADC761D25", "ad5a5c4adc761d25", "url_ad5a5c4adc761d250"] {
        assert_eq!(TargetKey::parse(text), None, "{text}");
    }
}

#[test]
fn each_refusal_has_its_own_code_and_the_predecessors_words() {
    let codes: std::collections::BTreeSet<_> = UrlRefusal::ALL.iter().map(|refusal| refusal.code()).collect();
    assert_eq!(codes.len(), UrlRefusal::ALL.len());
    assert_eq!(Placeholder.message(), "webhook_url ne peut pas être une URL placeholder (ex: example.com).");
    assert_eq!(NotHttps.message(), "webhook_url doit être une URL HTTPS valide.");
    assert_eq!(ForbiddenAddress.to_string(), "url_forbidden_address");
}

proptest! {
    #[test]
    fn any_text_is_judged_and_what_is_kept_is_stable(text in "(https?://)?\\PC{0,60}") {
        if let Ok(url) = TargetUrl::parse(&text, &strict()) {
            let again = TargetUrl::parse(url.as_str(), &strict()).unwrap();
            prop_assert_eq!(again.as_str(), url.as_str());
            prop_assert!(url.as_str().starts_with("https://"));
        }
    }

    #[test]
    fn every_number_form_of_an_address_is_judged_alike(bits: u32) {
        let v4 = core::net::Ipv4Addr::from_bits(bits);
        let forms = [format!("{bits}"), format!("{bits:#x}"), format!("0{bits:o}"), format!("{v4}."), format!("[::ffff:{v4}]")];
        let forbidden = address::is_forbidden(v4.into(), Loopback::Refused);
        for form in forms {
            let admitted = TargetUrl::parse(&format!("https://{form}/"), &UrlPolicy::default()).is_ok();
            prop_assert_eq!(admitted, !forbidden, "{}", form);
        }
    }
}
