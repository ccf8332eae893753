//! The HTTP server: the shared surface behind one fallback, and what only a server has: a socket, timeouts, a graceful end.

mod assets;
mod connections;

use crate::home::NativeHome;
use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request, State};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::Response;
use http::header::EXPECT;
use http_body_util::BodyExt as _;
use render_signal_handlers::http::{Call, Incoming, ReadError, file, handle, internal_error, timed_out};
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

/// Connections the system keeps waiting for us: a burst of pushes is taken, not refused.
const BACKLOG: u32 = 8192;

/// A request is answered within this time, its body included, or the connection is given up.
const REQUEST_TIME: Duration = Duration::from_mins(2);

/// A connection that brings no request, or no whole head of one, within this time is given up.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long, and how much, an answered client may go on sending before its connection is closed on it.
const LINGER: Duration = Duration::from_secs(5);
const LINGER_BYTES: usize = 32 << 20;

/// Opens the socket.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` is set; then no connection is accepted any more, and the requests in flight are finished.
pub async fn serve(listener: TcpListener, home: Arc<NativeHome>, mut stop: watch::Receiver<bool>) {
    let router = Router::new().fallback(answer).with_state(home);
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    connections::take(listener, router, HEAD_TIME, stopped).await;
}

async fn answer(
    State(home): State<Arc<NativeHome>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    if let Some(answer) = file(assets::FILES, &request) {
        return answer.map(Body::from);
    }
    let asks_first = request.headers().contains_key(EXPECT);
    let request = request.map(|body| Pieces { body: Some(body), asks_first });
    let call = Call { request, peer: Some(peer.ip().to_canonical()) };
    #[cfg(feature = "test-build")]
    if let Some(route) = crate::testing::route(call.request.uri().path()) {
        return render_signal_handlers::http::testing::answer(&*home, &route, call).await.map(Body::from);
    }
    // A panic is a fault of ours, and no reason to leave its caller without an answer.
    let handled = AssertUnwindSafe(handle(&*home, call)).catch_unwind();
    match tokio::time::timeout(REQUEST_TIME, handled).await {
        Ok(Ok(response)) => response.map(Body::from),
        Ok(Err(_)) => internal_error().map(Body::from),
        Err(_) => timed_out().map(Body::from),
    }
}

/// A body as it comes off the connection.
struct Pieces {
    /// What is left of it.
    body: Option<Body>,
    /// Whether the client waits for a word before it sends (`Expect: 100-continue`).
    asks_first: bool,
}

impl Incoming for Pieces {
    async fn next(&mut self) -> Option<Result<Bytes, ReadError>> {
        loop {
            let Some(frame) = self.body.as_mut()?.frame().await else {
                self.body = None;
                return None;
            };
            let Ok(frame) = frame else {
                self.body = None;
                return Some(Err(ReadError));
            };
            if let Ok(data) = frame.into_data() {
                return Some(Ok(data));
            }
        }
    }
}

impl Drop for Pieces {
    /// What the handler did not read (of a body that is too large) is read and thrown away, within bounds: a connection
    /// closed on a client that is still sending loses the answer on its way to it.
    fn drop(&mut self) {
        // A client that asks first is told by the answer that it need not send.
        let rest = self.body.take().filter(|body| !self.asks_first && !body.is_end_stream());
        if let Some(body) = rest {
            tokio::spawn(tokio::time::timeout(LINGER, discard(body)));
        }
    }
}

/// Reads a body to its end, or to the bound.
async fn discard(mut body: Body) {
    let mut left = LINGER_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        left = match left.checked_sub(length) {
            Some(left) => left,
            None => return,
        };
    }
}
