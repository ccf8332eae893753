//! Ending when asked: what is in flight is finished, nothing is lost, and it does not take for ever.

use crate::harness::{Gate, Mail, Native, Receiver, Reply, Server, TOKEN, Wire, eventually};
use std::time::{Duration, Instant};

/// What a platform waits before it kills is longer.
const DRAIN: Duration = Duration::from_secs(20);

#[tokio::test]
async fn asked_to_end_it_finishes_what_is_in_flight_and_takes_nothing_new() {
    let receiver = Receiver::start();
    let gate = Gate::closed();
    receiver.script("/hook", [Reply::status(200).behind(&gate)]);
    let native = Native::new(&[("WEBHOOK_URL", &receiver.target("/hook"))]);
    let server = Server::on(native.clone());
    let sending = Mail::new("being-sent");
    server.take(&sending).await;
    receiver.one("/hook").await;

    // A push of which the server has the first half.
    let (base, late) = (server.base(), Mail::new("being-pushed"));
    let mut wire = Wire::to(&base).await;
    let body = late.to_json();
    let (first, second) = body.as_bytes().split_at(body.len() / 2);
    let head = format!(
        "POST /api/ingress/gmail HTTP/1.1\r\nhost: x\r\nauthorization: {TOKEN}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    wire.send(head.as_bytes()).await;
    // The server asks for the body once the request is in a handler's hands.
    assert_eq!(wire.answer().await.status, 100);
    wire.send(first).await;

    let start = Instant::now();
    native.terminate();
    while Wire::is_open(&base).await {
        assert!(start.elapsed() < DRAIN, "new connections are still taken");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gate.open();
    server.life(&sending, "delivered").await;
    // Its work is done, and it still waits for the client.
    wire.send(second).await;
    let answer = wire.answer().await;
    assert_eq!(answer.status_word(), (200, "queued".to_owned()));
    assert_eq!(native.wait(), Some(0));
    assert!(start.elapsed() < DRAIN, "{:?}", start.elapsed());

    server.start_again();
    server.life(&late, "delivered").await;
    let of_first = receiver.received("/hook").iter().filter(|one| one.subject() == sending.subject()).count();
    assert_eq!(of_first, 1, "what was being sent was finished, and recorded");
}

#[tokio::test]
async fn a_client_that_never_ends_its_push_does_not_keep_it_alive() {
    let native = Native::new(&[]);
    let server = Server::on(native.clone());
    // A kept connection without a request, and a push that stops in the middle.
    let idle = kept_connection(&server).await;
    let mut wire = Wire::to(&server.base()).await;
    let head = format!(
        "POST /api/ingress/gmail HTTP/1.1\r\nhost: x\r\nauthorization: {TOKEN}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\nexpect: 100-continue\r\n\r\n"
    );
    wire.send(head.as_bytes()).await;
    assert_eq!(wire.answer().await.status, 100);
    let start = Instant::now();
    native.terminate();
    assert_eq!(native.wait(), Some(0));
    let took = start.elapsed();
    assert!(took < DRAIN + Duration::from_secs(3), "{took:?}");
    drop(idle);
}

#[tokio::test]
async fn an_idle_server_ends_at_once() {
    let native = Native::new(&[]);
    let server = Server::on(native.clone());
    let idle = kept_connection(&server).await;
    eventually("it beats", || native_log_has(&server, "HEARTBEAT")).await;
    let start = Instant::now();
    native.terminate();
    assert_eq!(native.wait(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    drop(idle);
}

/// A connection that was used once and is kept open.
async fn kept_connection(server: &Server) -> Wire {
    let mut wire = Wire::to(&server.base()).await;
    wire.send(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(wire.answer().await.status, 200);
    wire
}

fn native_log_has(server: &Server, text: &str) -> Option<()> {
    server.log().iter().any(|line| line.contains(text)).then_some(())
}
