//! The HTTP server: the shared surface behind one fallback, and what only a server has: a socket, timeouts, a graceful end.

use crate::home::NativeHome;
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use bytes::Bytes;
use http::Response;
use http_body_util::BodyExt as _;
use render_signal_handlers::http::{Call, Incoming, ReadError, handle, timed_out};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;

/// Connections the system keeps waiting for us: a burst of pushes is taken, not refused.
const BACKLOG: u32 = 8192;

/// A request is answered within this time, its body included, or the connection is given up.
const REQUEST_TIME: Duration = Duration::from_secs(120);

/// Opens the socket.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves until `stop` is set; then no connection is accepted any more, and the requests in flight are finished.
pub async fn serve(listener: TcpListener, home: Arc<NativeHome>, mut stop: watch::Receiver<bool>) -> io::Result<()> {
    let service = Router::new().fallback(answer).with_state(home).into_make_service_with_connect_info::<SocketAddr>();
    let stopped = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    axum::serve(listener, service).with_graceful_shutdown(stopped).await
}

async fn answer(
    State(home): State<Arc<NativeHome>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response<Body> {
    let call = Call { request: request.map(Pieces), peer: Some(peer.ip().to_canonical()) };
    match tokio::time::timeout(REQUEST_TIME, handle(&*home, call)).await {
        Ok(response) => response.map(Body::from),
        Err(_) => timed_out().map(Body::from),
    }
}

/// A body as it comes off the connection.
struct Pieces(Body);

impl Incoming for Pieces {
    async fn next(&mut self) -> Option<Result<Bytes, ReadError>> {
        loop {
            match self.0.frame().await? {
                Ok(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Some(Ok(data));
                    }
                }
                Err(_) => return Some(Err(ReadError)),
            }
        }
    }
}
