//! `SystemNames` against a real name server on loopback.

mod server;

use tokio::time::Instant;

use render_signal::access::{SourceVerdict, is_google};

use self::server::{DnsServer, Reply};
use super::*;

const PEER: &str = "203.0.113.7";
const PEER_ARPA: &str = "7.113.0.203.in-addr.arpa.";
const PROXY: &str = "proxy-7.google.com.";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn a(address: &str) -> RData {
    RData::from(ip(address))
}

fn ptr(name: &str) -> RData {
    RData::PTR(hickory_resolver::proto::rr::rdata::PTR(Name::from_ascii(name).unwrap()))
}

async fn names(reply: impl Fn(&str, RecordType) -> Reply + Send + 'static) -> (SystemNames, DnsServer) {
    let server = DnsServer::start(reply).await;
    (SystemNames::at(server.address).unwrap(), server)
}

#[tokio::test]
async fn a_confirmed_name_of_google_passes() {
    let (names, server) = names(|name, kind| match (name, kind) {
        (PEER_ARPA, RecordType::PTR) => Reply::Records(vec![ptr(PROXY)]),
        (PROXY, RecordType::A) => Reply::Records(vec![a("198.51.100.1"), a(PEER)]),
        _ => Reply::NoSuchName,
    })
    .await;
    assert_eq!(names.reverse(ip(PEER)).await, Ok(vec![PROXY.to_owned()]));
    assert_eq!(is_google(&names, ip(PEER)).await, Ok(SourceVerdict::Google));
    assert_eq!(server.asked(PROXY, RecordType::A), 1);
    assert_eq!(server.asked(PROXY, RecordType::AAAA), 1);
    assert_eq!(server.asked(PEER_ARPA, RecordType::PTR), 1, "the second question is answered from memory");
}

#[tokio::test]
async fn a_claimed_name_that_leads_elsewhere_does_not_pass() {
    let (names, _server) = names(|name, kind| match (name, kind) {
        (PEER_ARPA, RecordType::PTR) => Reply::Records(vec![ptr(PROXY)]),
        (PROXY, RecordType::A) => Reply::Records(vec![a("198.51.100.1")]),
        _ => Reply::NoSuchName,
    })
    .await;
    assert_eq!(is_google(&names, ip(PEER)).await, Ok(SourceVerdict::Other));
}

#[tokio::test]
async fn ipv6_addresses_are_asked_both_ways() {
    let arpa = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.";
    let (names, _server) = names(move |name, kind| match (name, kind) {
        (name, RecordType::PTR) if name == arpa => Reply::Records(vec![ptr(PROXY)]),
        (PROXY, RecordType::AAAA) => Reply::Records(vec![a("2001:db8::1")]),
        _ => Reply::NoRecords,
    })
    .await;
    assert_eq!(is_google(&names, ip("2001:db8::1")).await, Ok(SourceVerdict::Google));
}

#[tokio::test]
async fn what_does_not_exist_is_an_empty_list() {
    for reply in [Reply::NoSuchName, Reply::NoRecords] {
        let (names, _server) = names(move |_, _| reply.clone()).await;
        assert_eq!(names.reverse(ip(PEER)).await, Ok(vec![]));
        assert_eq!(names.forward("gone.example").await, Ok(vec![]));
        assert_eq!(names.addresses("gone.example").await, Ok(vec![]));
        assert_eq!(is_google(&names, ip(PEER)).await, Ok(SourceVerdict::Other));
    }
}

#[tokio::test]
async fn a_server_that_cannot_tell_is_a_failure() {
    for reply in [Reply::Failure, Reply::Refused] {
        let (names, _server) = names(move |_, _| reply.clone()).await;
        assert_eq!(names.reverse(ip(PEER)).await, Err(NamesError::Unavailable));
        assert_eq!(names.forward("a.example").await, Err(NamesError::Unavailable));
        assert_eq!(names.addresses("a.example").await, Err(NamesError::Unavailable));
        assert_eq!(is_google(&names, ip(PEER)).await, Err(NamesError::Unavailable));
    }
}

#[tokio::test]
async fn a_silent_server_is_a_timeout_after_two_tries() {
    let (names, server) = names(|_, _| Reply::Silence).await;
    let start = Instant::now();
    let (reverse, addresses) =
        futures_util::future::join(names.reverse(ip(PEER)), names.addresses("silent.example")).await;
    assert_eq!(reverse, Err(NamesError::Timeout));
    assert_eq!(addresses, Err(NamesError::Timeout));
    let waited = start.elapsed();
    assert!(waited > TRY && waited < WHOLE + TRY, "{waited:?}");
    assert!(server.asked(PEER_ARPA, RecordType::PTR) >= 2);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_failure() {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let error = SystemNames::at(address).unwrap().reverse(ip(PEER)).await.unwrap_err();
    assert!(matches!(error, NamesError::Unavailable | NamesError::Timeout), "{error:?}");
}

#[tokio::test]
async fn addresses_make_do_with_one_family_and_forward_does_not() {
    let (names, _server) = names(|_, kind| match kind {
        RecordType::A => Reply::Records(vec![a(PEER)]),
        _ => Reply::Failure,
    })
    .await;
    assert_eq!(names.addresses("half.example").await, Ok(vec![ip(PEER)]));
    assert_eq!(names.forward("half.example").await, Err(NamesError::Unavailable));
}

#[tokio::test]
async fn addresses_are_those_of_both_families() {
    let (names, _server) = names(|_, kind| match kind {
        RecordType::A => Reply::Records(vec![a(PEER), a("10.0.0.1")]),
        _ => Reply::Records(vec![a("fd00::1")]),
    })
    .await;
    let all = vec![ip(PEER), ip("10.0.0.1"), ip("fd00::1")];
    assert_eq!(names.addresses("both.example").await.as_ref(), Ok(&all));
    assert_eq!(names.forward("both.example.").await, Ok(all));
}

#[tokio::test]
async fn a_name_is_never_completed() {
    let (_, server) = names(|_, _| Reply::NoSuchName).await;
    let mut config = config_at(server.address);
    config.add_search(Name::from_ascii("corp.test.").unwrap());
    let names = SystemNames {
        resolver: TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build().unwrap(),
    };
    assert_eq!(names.addresses("intranet").await, Ok(vec![]));
    assert_eq!(names.forward("intranet").await, Ok(vec![]));
    assert_eq!(server.names(), ["intranet."]);
}

#[tokio::test]
async fn the_hosts_file_comes_first() {
    let (mut names, server) = names(|_, _| Reply::Records(vec![a(PEER)])).await;
    let mut hosts = hickory_resolver::Hosts::default();
    hosts.read_hosts_conf(&b"198.51.100.9 pinned.example"[..]).unwrap();
    names.resolver.set_hosts(std::sync::Arc::new(hosts));
    assert!(names.addresses("Pinned.Example").await.unwrap().contains(&ip("198.51.100.9")));
    assert_eq!(server.asked("pinned.example.", RecordType::A), 0);
    assert!(names.addresses("localhost").await.unwrap().iter().all(IpAddr::is_loopback));
}

#[tokio::test]
async fn text_that_is_no_name_has_no_addresses() {
    let (names, server) = names(|_, _| Reply::Records(vec![a(PEER)])).await;
    for text in ["a..b", &"a".repeat(64), &"a.".repeat(200), "a b\\9"] {
        assert_eq!(names.addresses(text).await, Ok(vec![]), "{text}");
        assert_eq!(names.forward(text).await, Ok(vec![]), "{text}");
    }
    assert!(server.names().is_empty());
}

#[tokio::test]
async fn lookups_may_run_on_any_thread() {
    let (names, _server) = names(|_, _| Reply::NoSuchName).await;
    let verdict = tokio::spawn(async move { is_google(&names, ip(PEER)).await });
    assert_eq!(verdict.await.unwrap(), Ok(SourceVerdict::Other));
}

#[tokio::test]
async fn the_system_configuration_is_read() {
    assert!(SystemNames::from_system().is_ok());
}
