//! A receiver on loopback: a plain TCP listener that does to each connection what its test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(super) struct Receiver {
    pub(super) port: u16,
    connections: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// Starts one. `serve` gets each new connection.
    pub(super) async fn start<F>(serve: impl Fn(Connection<TcpStream>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, written) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counter, total) = (connections.clone(), written.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(Connection { stream, written: total.clone() }));
            }
        });
        Self { port, connections, written, task }
    }

    /// Answers every request with the same bytes, on as many requests as a connection brings.
    pub(super) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = Arc::new(answer.into());
        Self::start(move |mut connection| {
            let answer = answer.clone();
            async move {
                while connection.request().await.is_some() {
                    connection.write(&answer).await;
                }
            }
        })
        .await
    }

    /// Reads one request, writes `head`, then `again` for as long as anybody reads it, with a pause between.
    pub(super) async fn endless(head: &'static str, again: Vec<u8>, pause: Duration) -> Self {
        let again = Arc::new(again);
        Self::start(move |mut connection| {
            let again = again.clone();
            async move {
                connection.request().await;
                let mut open = connection.write(head.as_bytes()).await;
                while open {
                    tokio::time::sleep(pause).await;
                    open = connection.write(&again).await;
                }
            }
        })
        .await
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?token=1", self.port)
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Bytes that the system took from this receiver, read by the other side or not.
    pub(super) fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) struct Connection<S> {
    pub(super) stream: S,
    written: Arc<AtomicUsize>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection above another one, whose bytes are not counted for the receiver.
    pub(super) fn over(stream: S) -> Self {
        Self { stream, written: Arc::default() }
    }

    /// Reads one request, head and body, as text. `None` when the other side is gone.
    pub(super) async fn request(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut buffer = [0; 4096];
        loop {
            let read = self.stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
            text.push_str(&String::from_utf8_lossy(&buffer[..read]));
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && body.len() >= content_length(head)
            {
                return Some(text);
            }
        }
    }

    /// Writes all of it; false when the other side does not take it any more.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> bool {
        for piece in bytes.chunks(64 * 1024) {
            if self.stream.write_all(piece).await.is_err() || self.stream.flush().await.is_err() {
                return false;
            }
            self.written.fetch_add(piece.len(), Ordering::SeqCst);
        }
        true
    }

    /// Keeps the connection open without a word until the other side leaves.
    pub(super) async fn hold(mut self) {
        while self.stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
    }
}

fn content_length(head: &str) -> usize {
    let lower = head.to_ascii_lowercase();
    lower.lines().find_map(|line| line.strip_prefix("content-length:")).map_or(0, |value| value.trim().parse().unwrap())
}
