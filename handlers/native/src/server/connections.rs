//! Connections: taken one by one, given up when no request comes, ended when the server ends.
//!
//! axum's own loop sets no time for the head of a request, so that whoever sends half a line holds a descriptor for ever.

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Serves every connection until `stop` is over, then waits for the requests in flight. The head of a request is here within
/// `head_time` after the connection was made or the last request ended, or the connection is closed.
pub(super) async fn take(
    mut listener: TcpListener,
    router: Router,
    head_time: Duration,
    stop: impl Future<Output = ()>,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_time);
    let (ending, ended) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            taken = Listener::accept(&mut listener) => taken,
            () = stop.as_mut() => break,
        };
        let router = router.clone().layer(Extension(ConnectInfo(peer)));
        tokio::spawn(converse(builder.clone(), stream, router, ended.clone()));
    }
    drop((listener, ended));
    ending.send_replace(true);
    // Each connection holds a receiver until it is over.
    ending.closed().await;
}

/// Serves one connection: to its client's end of it, or to the end of the request in flight once the server ends.
async fn converse(
    builder: Builder<TokioExecutor>,
    stream: TcpStream,
    router: Router,
    mut ended: watch::Receiver<bool>,
) {
    let service = TowerToHyperService::new(router);
    let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    let asked_to_end = async {
        let _ = ended.wait_for(|ended| *ended).await;
    };
    // How a connection ends is its client's affair.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = asked_to_end => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_request_that_is_never_finished_or_never_begun_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(async || "here");
        let server = tokio::spawn(take(listener, router, Duration::from_millis(100), pending()));
        for (sent, first) in [("GET / HTTP/1.1\r\nx: ", false), ("GET / HTTP/1.1\r\nhost: x\r\n\r\n", true)] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            // Ends only because the server closes the connection.
            let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
            assert!(read.is_ok(), "{sent:?} is still open");
            assert_eq!(answer.ends_with(b"here"), first, "{sent:?}");
        }
        server.abort();
    }
}
