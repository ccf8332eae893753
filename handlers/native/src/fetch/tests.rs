//! The sender against real receivers on loopback, most of them hostile.

mod answers;
mod bounds;
mod broken;
mod receiver;
mod resolving;
mod secure;

use std::time::Duration;

use bytes::Bytes;
use render_signal::delivery::UrlPolicy;
use tokio::time::Instant;

use self::receiver::{Connection, Receiver};
use super::*;
use crate::names::SystemNames;

const MAX_ANSWER: usize = 16 * 1024;

/// Long enough for whatever answers; a test that waits for it is one that failed.
const PATIENT: Duration = Duration::from_secs(10);
/// For receivers that never finish.
const SHORT: Duration = Duration::from_millis(400);

fn sender() -> Sender {
    Sender::new(SystemNames::from_system().unwrap(), Loopback::Allowed).unwrap()
}

fn target(url: &str) -> TargetUrl {
    let policy = UrlPolicy { loopback: Loopback::Allowed, own_hosts: Vec::new() };
    TargetUrl::parse(url, &policy).unwrap()
}

fn outgoing(url: &str, timeout: Duration) -> Outgoing {
    Outgoing {
        url: target(url),
        headers: vec![("Content-Type".into(), "application/json".into()), ("webhook-id".into(), "msg_1".into())],
        body: Bytes::from_static(b"{\"a\": 1}"),
        timeout,
        tls: Tls::Verified,
        max_answer: MAX_ANSWER,
    }
}

async fn send(receiver: &Receiver, timeout: Duration) -> Result<Answer, SendError> {
    sender().send(outgoing(&receiver.url(), timeout)).await
}

/// The deadline held: not before it, and not long after it.
async fn assert_times_out(receiver: &Receiver) {
    let start = Instant::now();
    assert_eq!(send(receiver, SHORT).await, Err(SendError::Timeout));
    let waited = start.elapsed();
    assert!(waited >= SHORT && waited < SHORT + Duration::from_secs(2), "{waited:?}");
}
