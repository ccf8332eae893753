//! A receiver of webhooks with a gate: while it is closed, requests are read and not answered.

use crate::load::message_length;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"ok\":true}";

/// Several targets, on a port each: connections are kept for each of them.
pub(crate) struct Receiver {
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
}

struct Shared {
    open: watch::Sender<bool>,
    /// How long it takes over each request, in milliseconds.
    answer_time: AtomicU64,
    answered: watch::Sender<usize>,
    /// By webhook-id.
    seen: Mutex<HashMap<String, Seen>>,
    payloads: Payloads,
}

/// When a delivery was answered first, with its payload where those are wanted.
type Seen = (Instant, Option<Vec<u8>>);

/// What is kept of the payloads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payloads {
    /// All of them.
    All,
    /// One.
    One,
}

impl Receiver {
    /// Starts one on a thread of its own, closed.
    pub(crate) fn start(targets: usize, payloads: Payloads) -> Self {
        let shared = Arc::new(Shared {
            open: watch::Sender::new(false),
            answer_time: AtomicU64::new(0),
            answered: watch::Sender::new(0),
            seen: Mutex::default(),
            payloads,
        });
        let listeners: Vec<_> = (0..targets).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            crate::process::one_thread(async move {
                for listener in listeners {
                    listener.set_nonblocking(true).unwrap();
                    tokio::spawn(accept(TcpListener::from_std(listener).unwrap(), Arc::clone(&of_thread)));
                }
                std::future::pending::<()>().await;
            });
        });
        Self { addresses, shared }
    }

    /// The targets.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.addresses.iter().map(|address| format!("http://{address}/hook")).collect()
    }

    /// Has it take so many milliseconds over each request from now on.
    pub(crate) fn answer_after(&self, millis: u64) {
        self.shared.answer_time.store(millis, Ordering::Relaxed);
    }

    pub(crate) fn open(&self) {
        self.shared.open.send_replace(true);
    }

    /// Closes it, and forgets what came.
    pub(crate) fn close(&self) {
        self.shared.open.send_replace(false);
        self.shared.answered.send_replace(0);
        self.shared.seen.lock().unwrap().clear();
    }

    /// Waits until so many were answered.
    pub(crate) async fn answered(&self, count: usize) {
        self.shared.answered.subscribe().wait_for(|answered| *answered >= count).await.unwrap();
    }

    /// How many different ones came.
    pub(crate) fn distinct(&self) -> usize {
        self.shared.seen.lock().unwrap().len()
    }

    /// The payloads that were kept, and when they were answered.
    pub(crate) fn payloads(&self) -> Vec<(Instant, Vec<u8>)> {
        let seen = self.shared.seen.lock().unwrap();
        seen.values().filter_map(|(at, payload)| Some((*at, payload.clone()?))).collect()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(serve(stream, Arc::clone(&shared)));
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut gate = shared.open.subscribe();
    let mut buffer = Vec::with_capacity(8192);
    loop {
        buffer.clear();
        while message_length(&buffer).is_none_or(|length| buffer.len() < length) {
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        gate.wait_for(|open| *open).await.unwrap();
        let answer_time = shared.answer_time.load(Ordering::Relaxed);
        if answer_time > 0 {
            tokio::time::sleep(Duration::from_millis(answer_time)).await;
        }
        shared.note(&buffer);
        if stream.write_all(ANSWER).await.is_err() {
            return;
        }
        shared.answered.send_modify(|answered| *answered += 1);
    }
}

impl Shared {
    fn note(&self, request: &[u8]) {
        let end = request.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&request[..end]).unwrap();
        let of = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        assert!(of("webhook-signature: v1,").is_some(), "not signed: {head}");
        let id = of("webhook-id: ").unwrap().to_owned();
        let mut seen = self.seen.lock().unwrap();
        let payload = (self.payloads == Payloads::All || seen.is_empty()).then(|| request[end + 4..].to_vec());
        seen.entry(id).or_insert((Instant::now(), payload));
    }
}
