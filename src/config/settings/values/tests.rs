use super::*;
use core::net::Ipv4Addr;
use core::num::NonZeroU8;

#[test]
fn switches_read_ten_words_in_any_case() {
    for text in ["1", "true", "yes", "y", "on", "TRUE", "Yes", "oN"] {
        assert!(switch(text).is_ok_and(|on| on), "{text:?}");
    }
    for text in ["0", "false", "no", "n", "off", "FALSE", "No", "OFF"] {
        assert!(switch(text).is_ok_and(|on| !on), "{text:?}");
    }
    for text in ["2", "oui", "enabled", "tru", "10", "-1", "vrai"] {
        assert!(switch(text).is_err_and(|fault| fault.code == InvalidBoolean), "{text:?}");
    }
}

#[test]
fn numbers_are_plain_and_within_their_bounds() {
    for (text, expected) in [
        ("1", Some(1)),
        ("30", Some(30)),
        ("007", Some(7)),
        ("0", None),
        ("31", None),
        ("+5", None),
        ("-5", None),
        ("5.0", None),
        ("5 days", None),
        ("99999999999999999999", None),
    ] {
        assert_eq!(number(text, 1, 30).ok(), expected, "{text:?}");
    }
}

#[test]
fn times_are_kept_as_written() {
    assert_eq!(time("9H05").ok().as_deref(), Some("9H05"));
    assert!(time("9h").is_err_and(|fault| fault.code == InvalidTime));
}

#[test]
fn an_unknown_zone_is_a_fault() {
    assert_eq!(zone("europe/paris").ok().map(|zone| zone.name().to_owned()).as_deref(), Some("Europe/Paris"));
    assert!(zone("Europe/Lutece").is_err_and(|fault| fault.code == UnknownZone));
}

#[test]
fn proxies() {
    for (text, expected) in [
        ("none", Some(TrustedProxy::None)),
        ("Cloudflare", Some(TrustedProxy::Cloudflare)),
        ("RENDER", Some(TrustedProxy::Render)),
        ("1", Some(TrustedProxy::Hops(NonZeroU8::MIN))),
        ("10", Some(TrustedProxy::Hops(NonZeroU8::new(10).unwrap()))),
        ("0", None),
        ("16", Some(TrustedProxy::Hops(NonZeroU8::new(16).unwrap()))),
        ("17", None),
        ("nginx", None),
    ] {
        assert_eq!(proxy(text).ok(), expected, "{text:?}");
    }
}

#[test]
fn levels_take_the_predecessors_names() {
    for (text, expected) in [
        ("ERROR", Some(LogLevel::Error)),
        ("CRITICAL", Some(LogLevel::Error)),
        ("WARNING", Some(LogLevel::Warn)),
        ("warn", Some(LogLevel::Warn)),
        ("INFO", Some(LogLevel::Info)),
        ("Debug", Some(LogLevel::Debug)),
        ("trace", Some(LogLevel::Trace)),
        ("NOTSET", None),
    ] {
        assert_eq!(log_level(text).ok(), expected, "{text:?}");
    }
}

#[test]
fn addresses_have_a_port_or_none() {
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    assert_eq!(address("127.0.0.1").ok(), Some((local, None)));
    assert_eq!(address("127.0.0.1:9000").ok(), Some((local, Some(9000))));
    assert_eq!(address("[::1]:0").ok(), Some(("::1".parse().unwrap(), Some(0))));
    assert_eq!(address("::1").ok(), Some(("::1".parse().unwrap(), None)));
    for text in ["localhost", "127.0.0.1:", "127.0.0.1:70000", "1.2.3", ""] {
        assert!(address(text).is_err_and(|fault| fault.code == InvalidAddress), "{text:?}");
    }
}
