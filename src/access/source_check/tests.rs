use std::cell::RefCell;
use std::collections::HashMap;

use futures_executor::block_on;
use proptest::prelude::*;

use super::*;

/// A name system written down in two tables. What is not in them does not exist; `Err` entries fail.
#[derive(Default)]
struct Zone {
    reverse: HashMap<IpAddr, Result<Vec<String>, NamesError>>,
    forward: HashMap<String, Result<Vec<IpAddr>, NamesError>>,
    asked: RefCell<Vec<String>>,
}

impl Zone {
    fn ptr(mut self, address: &str, names: &[&str]) -> Self {
        self.reverse.insert(ip(address), Ok(names.iter().map(ToString::to_string).collect()));
        self
    }

    fn addresses(mut self, name: &str, addresses: &[&str]) -> Self {
        self.forward.insert(name.into(), Ok(addresses.iter().map(|text| ip(text)).collect()));
        self
    }

    fn fails(mut self, name: &str, error: NamesError) -> Self {
        self.forward.insert(name.into(), Err(error));
        self
    }

    fn verdict(&self, peer: &str) -> Result<SourceVerdict, NamesError> {
        block_on(is_google(self, ip(peer)))
    }
}

impl Names for Zone {
    async fn reverse(&self, address: IpAddr) -> Result<Vec<String>, NamesError> {
        self.reverse.get(&address).cloned().unwrap_or(Ok(Vec::new()))
    }

    async fn forward(&self, name: &str) -> Result<Vec<IpAddr>, NamesError> {
        self.asked.borrow_mut().push(name.into());
        self.forward.get(name).cloned().unwrap_or(Ok(Vec::new()))
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

const PEER: &str = "203.0.113.7";

#[test]
fn a_confirmed_name_of_google_is_google() {
    for name in ["rate-limited-proxy-203-0-113-7.google.com.", "7.113.0.203.bc.googleusercontent.com", "A.GOOGLE.COM."]
    {
        let zone = Zone::default().ptr(PEER, &[name]).addresses(name, &["198.51.100.1", PEER]);
        assert_eq!(zone.verdict(PEER), Ok(SourceVerdict::Google), "{name}");
    }
}

#[test]
fn ipv6_is_confirmed_like_ipv4() {
    let zone = Zone::default().ptr("2001:db8::7", &["a.google.com."]).addresses("a.google.com.", &["2001:db8:0::7"]);
    assert_eq!(zone.verdict("2001:db8::7"), Ok(SourceVerdict::Google));
}

#[test]
fn an_ipv4_peer_seen_through_an_ipv6_socket_is_the_same_address() {
    let zone = Zone::default().ptr(PEER, &["a.google.com."]).addresses("a.google.com.", &[PEER]);
    assert_eq!(zone.verdict("::ffff:203.0.113.7"), Ok(SourceVerdict::Google));
}

#[test]
fn a_claim_without_confirmation_is_not_google() {
    let elsewhere = Zone::default().ptr(PEER, &["mail.google.com."]).addresses("mail.google.com.", &["198.51.100.1"]);
    assert_eq!(elsewhere.verdict(PEER), Ok(SourceVerdict::Other));
    let nowhere = Zone::default().ptr(PEER, &["mail.google.com."]);
    assert_eq!(nowhere.verdict(PEER), Ok(SourceVerdict::Other));
}

#[test]
fn names_that_only_look_like_googles_are_not_even_asked_about() {
    let names = [
        "google.com",
        ".google.com",
        "evilgoogle.com",
        "google.com.evil.example",
        "a.google.com.evil.example.",
        "a.google.co",
        "agoogleusercontent.com",
        "a.google.com..",
        "",
        ".",
    ];
    for name in names {
        let zone = Zone::default().ptr(PEER, &[name]).addresses(name, &[PEER]);
        assert_eq!(zone.verdict(PEER), Ok(SourceVerdict::Other), "{name}");
        assert!(zone.asked.borrow().is_empty(), "{name}");
    }
}

#[test]
fn an_address_without_a_name_is_not_google() {
    assert_eq!(Zone::default().verdict(PEER), Ok(SourceVerdict::Other));
}

#[test]
fn a_resolver_failure_is_no_verdict() {
    let mut reverse = Zone::default();
    reverse.reverse.insert(ip(PEER), Err(NamesError::Timeout));
    assert_eq!(reverse.verdict(PEER), Err(NamesError::Timeout));
    let forward = Zone::default().ptr(PEER, &["a.google.com."]).fails("a.google.com.", NamesError::Unavailable);
    assert_eq!(forward.verdict(PEER), Err(NamesError::Unavailable));
}

#[test]
fn one_confirmed_name_outweighs_a_failed_lookup() {
    let zone = Zone::default()
        .ptr(PEER, &["a.google.com.", "b.google.com."])
        .fails("a.google.com.", NamesError::Timeout)
        .addresses("b.google.com.", &[PEER]);
    assert_eq!(zone.verdict(PEER), Ok(SourceVerdict::Google));
}

#[test]
fn a_long_list_of_claimed_names_costs_few_lookups() {
    let claimed: Vec<String> = (0..500).map(|n| format!("n{n}.google.com.")).collect();
    let zone = Zone::default().ptr(PEER, &claimed.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(zone.verdict(PEER), Ok(SourceVerdict::Other));
    assert_eq!(zone.asked.borrow().len(), MAX_NAMES);
}

proptest! {
    #[test]
    fn only_names_below_a_zone_pass(name in ".{0,40}") {
        let plain = name.strip_suffix('.').unwrap_or(&name).to_ascii_lowercase();
        let below = plain.ends_with(".google.com") && plain.len() > 11
            || plain.ends_with(".googleusercontent.com") && plain.len() > 22;
        prop_assert_eq!(is_google_name(&name), below);
    }

    #[test]
    fn a_label_before_a_zone_passes_and_a_zone_with_a_tail_does_not(
        label in "[a-z0-9-]{1,20}", zone in "(google|googleusercontent)\\.com", tail in "[a-z]{1,9}",
    ) {
        let below = format!("{label}.{zone}");
        prop_assert!(is_google_name(&below));
        let tailed = format!("{label}.{zone}.{tail}");
        prop_assert!(!is_google_name(&tailed));
        let glued = format!("{label}{zone}");
        prop_assert!(!is_google_name(&glued));
    }
}
