//! The load: so many requests over so many kept connections, each answer read whole. Raw HTTP, because a client library would take
//! more of the cores than what is measured.

use crate::figures::ms;
use crate::mails::Mails;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// What came of it.
pub(crate) struct Pushed {
    pub(crate) time: Duration,
    /// Milliseconds from each push to its answer.
    pub(crate) answers: Vec<f64>,
    /// When each mail was pushed, by its subject.
    pub(crate) starts: HashMap<String, Instant>,
}

/// Pushes so many mails, each of which must be taken.
pub(crate) async fn push(to: SocketAddr, mails: &Rc<Mails>, count: usize, connections: usize) -> Pushed {
    let left = Rc::new(Cell::new(count));
    let kept = Rc::new(RefCell::new((Vec::with_capacity(count), HashMap::with_capacity(count))));
    let started = Instant::now();
    let all = LocalSet::new();
    let mut clients = Vec::new();
    for _ in 0..connections {
        let (left, kept, mails) = (Rc::clone(&left), Rc::clone(&kept), Rc::clone(mails));
        clients.push(all.spawn_local(async move {
            let mut client = Client::connect(to).await;
            while left.get() > 0 {
                left.set(left.get() - 1);
                let (subject, request) = mails.next();
                let start = Instant::now();
                client.exchange(&request).await;
                let mut kept = kept.borrow_mut();
                kept.0.push(ms(start.elapsed()));
                kept.1.insert(subject, start);
            }
        }));
    }
    all.run_until(async {
        for client in clients {
            client.await.unwrap();
        }
    })
    .await;
    let time = started.elapsed();
    let (answers, starts) = kept.take();
    Pushed { time, answers, starts }
}

struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    async fn connect(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    async fn exchange(&mut self, request: &[u8]) {
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        let whole = loop {
            if let Some(length) = message_length(&self.buffer)
                && self.buffer.len() >= length
            {
                break length;
            }
            let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert!(read > 0, "the connection was closed: {}", String::from_utf8_lossy(&self.buffer));
        };
        let answer = &self.buffer[..whole];
        let taken = answer.starts_with(b"HTTP/1.1 200 ") && answer.windows(8).any(|part| part == b"\"queued\"");
        assert!(taken, "not taken: {}", String::from_utf8_lossy(answer));
    }
}

/// The length of an HTTP message with its head, once the head is there.
pub(crate) fn message_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
    let lines = bytes[..head].split(|&byte| byte == b'\n');
    let length = lines.filter_map(|line| {
        let (name, value) = line.split_at_checked(15)?;
        let value = std::str::from_utf8(value).ok()?;
        name.eq_ignore_ascii_case(b"content-length:").then(|| value.trim().parse::<usize>().unwrap())
    });
    Some(head + { length }.next().unwrap_or(0))
}
