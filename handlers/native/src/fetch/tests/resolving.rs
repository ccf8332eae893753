//! Names and addresses: what is vetted is what is connected to, and it is asked once.

use std::collections::VecDeque;
use std::sync::Mutex;

use render_signal::ports::NamesError;

use super::secure::{Authority, Certificate};
use super::*;

type Answers = Mutex<VecDeque<Result<Vec<IpAddr>, NamesError>>>;

/// Answers its lookups in turn. One more than it was given is a test that fails.
#[derive(Clone)]
pub(super) struct Script(Arc<Answers>);

impl Script {
    pub(super) fn new(answers: &[&[&str]]) -> Self {
        let answers = answers.iter().map(|list| Ok(list.iter().map(|text| text.parse().unwrap()).collect()));
        Self(Arc::new(Mutex::new(answers.collect())))
    }

    fn failing(error: NamesError) -> Self {
        Self(Arc::new(Mutex::new([Err(error)].into())))
    }

    fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl AddressLookup for Script {
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NamesError> {
        assert_eq!(host, "hook.receiver.dev");
        self.0.lock().unwrap().pop_front().expect("a lookup too many")
    }
}

/// A sender for which loopback names stand for public ones, so that something can be reached by name at all.
pub(super) fn sender_by_name(names: Script, authority: &Authority) -> Sender {
    let names = Arc::new(Vetting::new(names, Loopback::Allowed));
    let client = client::builder(names).add_root_certificate(authority.root()).build().unwrap();
    Sender { verified: client.clone(), unverified: client, loopback: Loopback::Refused }
}

fn by_name(receiver: &Receiver) -> Outgoing {
    outgoing(&format!("https://hook.receiver.dev:{}/", receiver.port), PATIENT)
}

async fn secure_receiver(authority: &Authority) -> Receiver {
    authority.receiver(Certificate::For("hook.receiver.dev")).await
}

#[tokio::test]
async fn the_vetted_address_is_the_one_connected_to() {
    let authority = Authority::new();
    let receiver = secure_receiver(&authority).await;
    let names = Script::new(&[&["127.0.0.1"]]);
    assert_eq!(sender_by_name(names.clone(), &authority).send(by_name(&receiver)).await.unwrap().status, 200);
    assert_eq!(names.left(), 0);
}

#[tokio::test]
async fn a_second_address_is_tried_when_the_first_is_dead() {
    let authority = Authority::new();
    let receiver = secure_receiver(&authority).await;
    let names = Script::new(&[&["127.0.0.2", "127.0.0.1"]]);
    assert_eq!(sender_by_name(names, &authority).send(by_name(&receiver)).await.unwrap().status, 200);
}

#[tokio::test]
async fn one_forbidden_address_refuses_the_whole_name() {
    let authority = Authority::new();
    let receiver = secure_receiver(&authority).await;
    for other in ["10.0.0.1", "169.254.169.254", "fd00::1", "0.0.0.0", "100.64.0.1", "::ffff:10.0.0.1"] {
        for addresses in [["127.0.0.1", other], [other, "127.0.0.1"]] {
            let names = Script::new(&[&addresses]);
            let answer = sender_by_name(names, &authority).send(by_name(&receiver)).await;
            assert_eq!(answer, Err(SendError::ForbiddenAddress), "{addresses:?}");
        }
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_looked_up_once_a_send() {
    let authority = Authority::new();
    let receiver = authority.receiver_closing(Certificate::For("hook.receiver.dev")).await;
    let names = Script::new(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let sender = sender_by_name(names.clone(), &authority);
    assert_eq!(sender.send(by_name(&receiver)).await.unwrap().status, 200);
    assert_eq!(names.left(), 1, "one lookup for one send");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(sender.send(by_name(&receiver)).await, Err(SendError::ForbiddenAddress));
    assert_eq!(names.left(), 0);
}

#[tokio::test]
async fn a_name_that_leads_here_is_refused_even_where_loopback_is_allowed() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    for tls in [Tls::Verified, Tls::Unverified] {
        let sender = Sender::new(Script::new(&[&["127.0.0.1"]]), Loopback::Allowed).unwrap();
        let answer = sender.send(Outgoing { tls, ..by_name(&receiver) }).await;
        assert_eq!(answer, Err(SendError::ForbiddenAddress));
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_written_address_is_vetted_too() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    for spelling in ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::1]"] {
        let sender = Sender::new(Script::new(&[]), Loopback::Refused).unwrap();
        let url = format!("http://{spelling}:{}/", receiver.port);
        assert_eq!(sender.send(outgoing(&url, PATIENT)).await, Err(SendError::ForbiddenAddress), "{spelling}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_name_nobody_knows_and_a_resolver_that_fails_are_dns_errors() {
    let receiver = Receiver::answering("").await;
    let names = [Script::new(&[&[]]), Script::failing(NamesError::Timeout), Script::failing(NamesError::Unavailable)];
    for names in names {
        let sender = Sender::new(names, Loopback::Refused).unwrap();
        assert_eq!(sender.send(by_name(&receiver)).await, Err(SendError::Dns));
    }
}

#[derive(Clone)]
struct Mute;

impl AddressLookup for Mute {
    async fn addresses(&self, _: &str) -> Result<Vec<IpAddr>, NamesError> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn the_deadline_covers_the_lookup() {
    let sender = Sender::new(Mute, Loopback::Refused).unwrap();
    let answer = sender.send(outgoing("https://hook.receiver.dev/", SHORT)).await;
    assert_eq!(answer, Err(SendError::Timeout));
}
