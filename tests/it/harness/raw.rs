//! HTTP by hand, for what no client library sends.

use super::Answer;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer is here by then.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to write bytes on.
pub(crate) struct Wire {
    stream: TcpStream,
    /// What was read and is not part of an answer yet.
    bytes: Vec<u8>,
}

impl Wire {
    /// Connects to `http://host:port`.
    pub(crate) async fn to(base: &str) -> Self {
        let stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
        Self { stream, bytes: Vec::new() }
    }

    /// Whether a connection can be made at all.
    pub(crate) async fn is_open(base: &str) -> bool {
        TcpStream::connect(base.strip_prefix("http://").unwrap()).await.is_ok()
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next answer, once as much of its body as it announces is there.
    pub(crate) async fn answer(&mut self) -> Answer {
        tokio::time::timeout(PATIENCE, self.read()).await.expect("an answer in time")
    }

    async fn read(&mut self) -> Answer {
        loop {
            if let Some((answer, length)) = parse(&self.bytes) {
                self.bytes.drain(..length);
                return answer;
            }
            let read = self.stream.read_buf(&mut self.bytes).await.unwrap();
            assert!(read > 0, "closed after {:?}", String::from_utf8_lossy(&self.bytes));
        }
    }
}

/// One request as it is, and the answer to it.
pub(crate) async fn exchange(base: &str, bytes: &[u8]) -> Answer {
    let mut wire = Wire::to(base).await;
    wire.send(bytes).await;
    wire.answer().await
}

/// The answer these bytes begin with, and its length, once its head and as much body as it announces are there.
fn parse(bytes: &[u8]) -> Option<(Answer, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut headers = http::HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.append(http::HeaderName::try_from(name).unwrap(), value.trim().parse().unwrap());
    }
    let length: usize = headers.get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
    let body = bytes.get(end + 4..end + 4 + length)?;
    let answer = Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() };
    Some((answer, end + 4 + length))
}
