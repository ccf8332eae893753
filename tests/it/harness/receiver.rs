//! A receiver of webhooks: a real HTTP server that remembers what it was sent, and answers each path as told.

use super::{Reply, background, eventually};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) at: Instant,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The id that stays the same over all tries of one delivery.
    pub(crate) fn id(&self) -> &str {
        self.header("webhook-id").expect("a webhook-id")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn subject(&self) -> String {
        self.json()["subject"].as_str().unwrap().to_owned()
    }
}

#[derive(Default)]
struct State {
    /// What each path answers; the last reply of a script is repeated. A path without a script answers 200.
    scripts: Mutex<HashMap<String, VecDeque<Reply>>>,
    received: Mutex<Vec<Received>>,
}

pub(crate) struct Receiver {
    port: u16,
    scheme: &'static str,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        Self::serve("http", |stream, state| async move { converse(stream, &state).await })
    }

    /// One that speaks TLS, under a certificate of its own making.
    pub(crate) fn start_tls() -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self::serve("https", move |stream, state| {
            let acceptor = acceptor.clone();
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    converse(stream, &state).await;
                }
            }
        })
    }

    fn serve<F>(scheme: &'static str, talk: impl Fn(TcpStream, Arc<State>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        let task = background().spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            // The conversations end with the receiver.
            let mut talks = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while talks.try_join_next().is_some() {}
                talks.spawn(talk(stream, Arc::clone(&shared)));
            }
        });
        Self { port, scheme, state, task }
    }

    /// The URL of a path, with a secret in its query.
    pub(crate) fn target(&self, path: &str) -> String {
        format!("{}://127.0.0.1:{}{path}?key=qzhook", self.scheme, self.port)
    }

    /// What a path answers from now on, request by request; the last reply is repeated.
    pub(crate) fn script(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.state.scripts.lock().unwrap().insert(path.to_owned(), replies.into_iter().collect());
    }

    /// What a path received so far, in the order of arrival.
    pub(crate) fn received(&self, path: &str) -> Vec<Received> {
        self.state.received.lock().unwrap().iter().filter(|one| one.path == path).cloned().collect()
    }

    /// What a path received so far, by number.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.state.received.lock().unwrap().iter().filter(|one| one.path == path).count()
    }

    /// What a path received, once these are `count` or more.
    pub(crate) async fn at_least(&self, path: &str, count: usize) -> Vec<Received> {
        eventually(&format!("{count} requests on {path}"), || (self.count(path) >= count).then_some(())).await;
        self.received(path)
    }

    /// The one request that a path receives, once it is there.
    pub(crate) async fn one(&self, path: &str) -> Received {
        let mut all = self.at_least(path, 1).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one connection, request after request.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, state: &State) {
    let mut waiting = Vec::new();
    while let Some(request) = read(&mut stream, &mut waiting).await {
        let mut reply = next_reply(state, &request.path);
        state.received.lock().unwrap().push(request);
        while let Reply::Behind(gate, inner) = reply {
            gate.pass().await;
            reply = *inner;
        }
        if answer(&mut stream, reply).await.is_none() {
            return;
        }
    }
}

fn next_reply(state: &State, path: &str) -> Reply {
    let mut scripts = state.scripts.lock().unwrap();
    let Some(script) = scripts.get_mut(path) else { return Reply::json(200, r#"{"success": true}"#) };
    if script.len() > 1 { script.pop_front().unwrap() } else { script[0].clone() }
}

/// `None` when the conversation is over.
async fn answer<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, reply: Reply) -> Option<()> {
    match reply {
        Reply::Answer(status, headers, body) => write(stream, &Reply::bytes(status, &headers, &body)).await,
        Reply::Behind(..) | Reply::Close => None,
        Reply::Silence => {
            // Until the other side leaves.
            while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
            None
        }
        Reply::Endless { head, again, pause } => {
            write(stream, &head).await?;
            loop {
                tokio::time::sleep(pause).await;
                write(stream, &again).await?;
            }
        }
        Reply::Raw(bytes) => {
            write(stream, &bytes).await?;
            let _ = stream.shutdown().await;
            None
        }
    }
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).await.ok()?;
    stream.flush().await.ok()
}

/// The next request. `waiting` holds what was read beyond the one before.
async fn read<S: AsyncRead + Unpin>(stream: &mut S, waiting: &mut Vec<u8>) -> Option<Received> {
    let end = loop {
        if let Some(at) = waiting.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        more(stream, waiting).await?;
    };
    let head = String::from_utf8(waiting.drain(..end + 4).collect()).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.split('?').next()?.to_owned();
    let mut headers = http::HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.append(http::HeaderName::try_from(name).unwrap(), value.trim().parse().unwrap());
    }
    let length: usize = headers.get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
    while waiting.len() < length {
        more(stream, waiting).await?;
    }
    let body = waiting.drain(..length).collect();
    Some(Received { path, headers, body, at: Instant::now() })
}

async fn more<S: AsyncRead + Unpin>(stream: &mut S, waiting: &mut Vec<u8>) -> Option<()> {
    waiting.reserve(64 * 1024);
    (stream.read_buf(waiting).await.ok()? > 0).then_some(())
}
