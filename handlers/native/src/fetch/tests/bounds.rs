//! Answers without end or measure: the deadline holds, and no more is read than allowed.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use super::*;

const AT_ONCE: Duration = Duration::ZERO;
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const GZIP_CHUNKED: &str = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
const UNTIL_CLOSED: &str = "HTTP/1.1 200 OK\r\n\r\n";

/// What both sides' kernels may hold of an answer nobody reads. An endless answer stops below it.
const BUFFERED_BY_THE_SYSTEM: usize = 24 * 1024 * 1024;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn whole(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

#[tokio::test]
async fn a_head_that_drips_ends_at_the_deadline() {
    assert_times_out(&Receiver::endless("HTTP/1.1 200 OK\r\nX: ", b"x".to_vec(), Duration::from_millis(20)).await)
        .await;
}

#[tokio::test]
async fn a_body_that_drips_ends_at_the_deadline() {
    let drips =
        Receiver::endless("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b"x".to_vec(), Duration::from_millis(20));
    assert_times_out(&drips.await).await;
}

#[tokio::test]
async fn interim_answers_without_end_end_at_the_deadline() {
    assert_times_out(&Receiver::endless("", b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000), AT_ONCE).await).await;
}

#[tokio::test]
async fn compression_without_content_ends_at_the_deadline() {
    // A gzip head, then empty stored blocks for ever: input without output.
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f";
    let opening = [&b"\x8b\x08\x00\x00\x00\x00\x00\x00\xff"[..], &b"\x00\x00\x00\xff\xff".repeat(10_000)].concat();
    let receiver = Receiver::start(move |mut connection| {
        let opening = opening.clone();
        async move {
            connection.request().await;
            connection.write(head.as_bytes()).await;
            let mut open = connection.write(&opening).await;
            while open {
                open = connection.write(&opening[9..]).await;
            }
        }
    });
    assert_times_out(&receiver.await).await;
}

#[tokio::test]
async fn a_receiver_that_never_answers_ends_at_the_deadline() {
    let receiver = Receiver::start(super::receiver::Connection::hold).await;
    assert_times_out(&receiver).await;
}

#[tokio::test]
async fn a_request_nobody_reads_ends_at_the_deadline() {
    let receiver = Receiver::start(|connection| async move {
        tokio::time::sleep(PATIENT).await;
        drop(connection);
    })
    .await;
    let mut outgoing = outgoing(&receiver.url(), SHORT);
    outgoing.body = Bytes::from(vec![b'x'; 32 * 1024 * 1024]);
    assert_eq!(sender().send(outgoing).await, Err(SendError::Timeout));
}

#[tokio::test]
async fn an_endless_body_is_cut_and_its_connection_closed() {
    for (head, again) in [(CHUNKED, chunk(&vec![b'x'; 65536])), (UNTIL_CLOSED, vec![b'x'; 65536])] {
        let receiver = Receiver::endless(head, again, AT_ONCE).await;
        let sender = sender();
        for sends in 1..=2 {
            let answer = sender.send(outgoing(&receiver.url(), PATIENT)).await.unwrap();
            assert_eq!(answer.body, [b'x'; MAX_ANSWER]);
            assert_eq!(receiver.connections(), sends, "a connection with bytes to come must not be used again");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let written = receiver.written();
        assert!(written < BUFFERED_BY_THE_SYSTEM, "{written}");
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(receiver.written(), written, "somebody still reads");
    }
}

#[tokio::test]
async fn an_answer_of_just_the_limit_is_whole_and_one_more_byte_is_cut() {
    for length in [MAX_ANSWER - 1, MAX_ANSWER, MAX_ANSWER + 1] {
        let receiver = Receiver::answering(whole("", &vec![b'x'; length])).await;
        assert_eq!(send(&receiver, PATIENT).await.unwrap().body.len(), length.min(MAX_ANSWER));
    }
}

#[tokio::test]
async fn nothing_of_the_body_may_be_wanted() {
    let receiver = Receiver::endless(CHUNKED, chunk(b"x"), AT_ONCE).await;
    let mut outgoing = outgoing(&receiver.url(), PATIENT);
    outgoing.max_answer = 0;
    assert_eq!(sender().send(outgoing).await.unwrap().body, b"");
}

#[tokio::test]
async fn compressed_answers_are_read() {
    let text = b"{\"success\": true}".repeat(50);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(&text).unwrap();
    for (coding, body) in [("gzip", gzip(&text)), ("deflate", zlib.finish().unwrap()), ("identity", text.clone())] {
        let receiver = Receiver::answering(whole(&format!("Content-Encoding: {coding}\r\n"), &body)).await;
        assert_eq!(send(&receiver, PATIENT).await.unwrap().body, text, "{coding}");
    }
}

#[tokio::test]
async fn a_bomb_is_counted_after_decoding() {
    let bomb = gzip(&vec![0; 10 * 1024 * 1024]);
    assert!(bomb.len() < 11_000, "{}", bomb.len());
    let receiver = Receiver::answering(whole("Content-Encoding: gzip\r\n", &bomb)).await;
    assert_eq!(send(&receiver, PATIENT).await.unwrap().body, [0; MAX_ANSWER]);
}

#[tokio::test]
async fn a_bomb_without_end_is_cut() {
    // Gzip members of 10 MiB each, one after the other: ten thousand would be 100 GB.
    let member = chunk(&gzip(&vec![0; 10 * 1024 * 1024]));
    let receiver = Receiver::endless(GZIP_CHUNKED, member, AT_ONCE).await;
    assert_eq!(send(&receiver, PATIENT).await.unwrap().body, [0; MAX_ANSWER]);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(receiver.written() < BUFFERED_BY_THE_SYSTEM);
}
