//! What a receiver does with a request.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// One reply of a script.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// An answer: status, headers, body.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// The reply behind the gate, once the gate opens.
    Behind(Gate, Box<Reply>),
    /// The connection stays open and silent.
    Silence,
    /// The connection is closed.
    Close,
    /// Bytes as they are, then the same piece again and again, with a pause before each.
    Endless { head: Vec<u8>, again: Vec<u8>, pause: Duration },
    /// Bytes as they are, then the connection is closed.
    Raw(Vec<u8>),
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), b"{}".to_vec())
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::Answer(status, vec![("content-type".to_owned(), "application/json".to_owned())], body.as_bytes().to_vec())
    }

    pub(crate) fn with_header(self, name: &str, value: &str) -> Self {
        match self {
            Self::Answer(status, mut headers, body) => {
                headers.push((name.to_owned(), value.to_owned()));
                Self::Answer(status, headers, body)
            }
            other => other,
        }
    }

    pub(crate) fn behind(self, gate: &Gate) -> Self {
        Self::Behind(gate.clone(), Box::new(self))
    }

    /// The bytes of an answer.
    pub(super) fn bytes(status: u16, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        [head.as_bytes(), body].concat()
    }
}

/// Holds replies back until it is opened, for good.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub(crate) fn open(&self) {
        self.0.close();
    }

    pub(super) async fn pass(&self) {
        let _ = self.0.acquire().await;
    }
}
