use super::*;
use proptest::prelude::*;

fn forbidden(text: &str) -> bool {
    is_forbidden(text.parse().unwrap(), Loopback::Refused)
}

/// First and last address of each block, and its neighbours where they are public.
#[test]
fn special_ipv4_blocks_end_where_they_should() {
    for text in [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.255",
        "192.0.2.0",
        "192.0.2.255",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.0",
        "198.51.100.255",
        "203.0.113.0",
        "203.0.113.255",
        "224.0.0.0",
        "239.255.255.255",
        "240.0.0.0",
        "255.255.255.255",
    ] {
        assert!(forbidden(text), "{text}");
    }
    for text in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "8.8.8.8",
        "104.16.0.1",
    ] {
        assert!(!forbidden(text), "{text}");
    }
}

#[test]
fn special_ipv6_blocks_end_where_they_should() {
    for text in [
        "::",
        "::1",
        "::2",
        "::7f00:1",
        "::8.8.8.8",
        "100::1",
        "64:ff9b:1::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2001:db8:ffff::1",
        "2002:808:808::1",
        "2002:7f00:1::1",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
        "1fff:ffff::1",
        "::ffff:0:808:808",
    ] {
        assert!(forbidden(text), "{text}");
    }
    for text in [
        "2000::1",
        "2001:200::1",
        "2001:db7::1",
        "2001:db9::1",
        "2003::1",
        "2606:4700::1111",
        "2a00:1450::1",
        "3ffe:ffff::1",
        "3fff:1000::1",
    ] {
        assert!(!forbidden(text), "{text}");
    }
}

#[test]
fn an_ipv6_spelling_is_judged_as_the_ipv4_address_it_reaches() {
    for prefix in ["::ffff:", "64:ff9b::"] {
        for v4 in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "0.0.0.0", "192.168.1.1"] {
            assert!(forbidden(&format!("{prefix}{v4}")), "{prefix}{v4}");
        }
        assert!(!forbidden(&format!("{prefix}8.8.8.8")), "{prefix}8.8.8.8");
    }
}

#[test]
fn the_switch_admits_loopback_and_nothing_else() {
    let admitted = |text: &str| !is_forbidden(text.parse().unwrap(), Loopback::Allowed);
    for text in ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1"] {
        assert!(admitted(text), "{text}");
    }
    for text in
        ["0.0.0.0", "::", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::7f00:1", "fe80::1"]
    {
        assert!(!admitted(text), "{text}");
    }
}

proptest! {
    #[test]
    fn the_standard_library_finds_nothing_special_in_what_is_admitted(bits: u32) {
        let v4 = Ipv4Addr::from_bits(bits);
        let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_broadcast()
            || v4.is_documentation() || v4.is_unspecified() || v4.is_multicast();
        prop_assert!(!special || is_forbidden(v4.into(), Loopback::Refused));
        let mapped = IpAddr::V6(v4.to_ipv6_mapped());
        prop_assert_eq!(is_forbidden(mapped, Loopback::Allowed), is_forbidden(v4.into(), Loopback::Refused));
    }
}
