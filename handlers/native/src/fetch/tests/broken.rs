//! Receivers that refuse, hang up, or do not speak HTTP.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// What a receiver makes of a send that reads the request, writes `bytes`, and closes in good order.
async fn after(bytes: impl Into<Vec<u8>>) -> Result<Answer, SendError> {
    let bytes = Arc::new(bytes.into());
    let receiver = Receiver::start(move |mut connection| {
        let bytes = bytes.clone();
        async move {
            connection.request().await;
            connection.write(&bytes).await;
        }
    })
    .await;
    send(&receiver, PATIENT).await
}

#[tokio::test]
async fn nobody_listens() {
    let receiver = Receiver::answering("").await;
    let url = receiver.url();
    drop(receiver);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(sender().send(outgoing(&url, PATIENT)).await, Err(SendError::Connect));
}

#[tokio::test]
async fn the_receiver_hangs_up() {
    let rows = [
        ("before a word", ""),
        ("in the head", "HTTP/1.1 200 OK\r\nContent-Le"),
        ("in a measured body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"success\""),
        ("in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"success\""),
        ("between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
    ];
    for (when, bytes) in rows {
        assert_eq!(after(bytes).await, Err(SendError::Connect), "{when}");
    }
}

#[tokio::test]
async fn the_connection_is_reset() {
    for bytes in ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"success\""] {
        let receiver = Receiver::start(move |mut connection| async move {
            connection.request().await;
            connection.write(bytes.as_bytes()).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            connection.stream.set_zero_linger().unwrap();
            drop(connection);
        })
        .await;
        assert_eq!(send(&receiver, PATIENT).await, Err(SendError::Connect), "{bytes}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_a_breach_of_protocol() {
    let rows: [(&str, &[u8]); 7] = [
        ("not HTTP", b"SSH-2.0-OpenSSH_9.6\r\n"),
        ("no status", b"HTTP/1.1 abc OK\r\n\r\n"),
        ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        ("a length of nonsense", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        ("a chunk of nonsense", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n"),
        ("HTTP/2", b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"),
        ("no gzip", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nnot gzipped!"),
    ];
    for (what, bytes) in rows {
        assert_eq!(after(bytes).await, Err(SendError::Protocol), "{what}");
    }
}

#[tokio::test]
async fn a_head_without_measure_is_refused() {
    let headers = "X-Filler: x\r\n".repeat(10_000);
    assert_eq!(after(format!("HTTP/1.1 200 OK\r\n{headers}\r\n")).await, Err(SendError::Protocol));
    let long = format!("HTTP/1.1 200 OK\r\nX-Filler: {}\r\n\r\n", "x".repeat(4 * 1024 * 1024));
    assert_eq!(after(long).await, Err(SendError::Protocol));
}

#[tokio::test]
async fn an_early_answer_counts_although_the_request_was_hardly_read() {
    let receiver = Receiver::start(|mut connection| async move {
        connection.stream.read_exact(&mut [0; 100]).await.unwrap();
        connection.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        connection.stream.shutdown().await.unwrap();
        connection.hold().await;
    })
    .await;
    let mut outgoing = outgoing(&receiver.url(), PATIENT);
    outgoing.body = Bytes::from(vec![b'x'; 8 * 1024 * 1024]);
    assert_eq!(sender().send(outgoing).await.map(|answer| answer.status), Ok(413));
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_meanwhile_costs_nothing() {
    let receiver = Receiver::start(|mut connection| async move {
        connection.request().await;
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    })
    .await;
    let sender = sender();
    for _ in 0..3 {
        assert_eq!(sender.send(outgoing(&receiver.url(), PATIENT)).await.unwrap().status, 200);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(receiver.connections(), 3);
}
