//! What is sent, and what comes back from receivers that mean well.

use super::*;

#[tokio::test]
async fn a_plain_answer_comes_back() {
    let receiver = Receiver::answering(
        "HTTP/1.1 429 Too Many\r\nContent-Type: application/json; charset=utf-8\r\nRetry-After: 120\r\n\
         Content-Length: 17\r\n\r\n{\"success\":false}",
    )
    .await;
    let want = Answer {
        status: 429,
        content_type: Some("application/json; charset=utf-8".into()),
        retry_after: Some("120".into()),
        body: b"{\"success\":false}".to_vec(),
    };
    assert_eq!(send(&receiver, PATIENT).await, Ok(want));
}

#[tokio::test]
async fn an_answer_may_be_nothing_but_a_status() {
    let receiver = Receiver::answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let want = Answer { status: 204, content_type: None, retry_after: None, body: Vec::new() };
    assert_eq!(send(&receiver, PATIENT).await, Ok(want));
}

/// The request as it arrives, the header names in lower case.
async fn request_seen(request: impl FnOnce(&mut Outgoing)) -> String {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let receiver = Receiver::start(move |mut connection| {
        let tell = tell.clone();
        async move {
            tell.send(connection.request().await.unwrap()).unwrap();
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        }
    })
    .await;
    let mut outgoing = outgoing(&receiver.url(), PATIENT);
    request(&mut outgoing);
    assert_eq!(sender().send(outgoing).await.unwrap().status, 200);
    told.recv().await.unwrap().replace(&format!("127.0.0.1:{}", receiver.port), "HOST")
}

#[tokio::test]
async fn nothing_is_sent_but_what_is_meant() {
    let request = request_seen(|_| {}).await;
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.lines().collect();
    assert_eq!(lines.remove(0), "POST /hook?token=1 HTTP/1.1");
    lines.sort_unstable();
    let agent = format!("user-agent: Render-Signal/{}", env!("CARGO_PKG_VERSION"));
    let want = [
        "accept-encoding: gzip,deflate",
        "accept: application/json, text/plain, */*",
        "content-length: 8",
        "content-type: application/json",
        "host: HOST",
        &agent,
        "webhook-id: msg_1",
    ];
    assert_eq!(lines, want);
    assert_eq!(body, "{\"a\": 1}");
}

#[tokio::test]
async fn a_header_of_the_request_replaces_ours() {
    let request = request_seen(|outgoing| outgoing.headers.push(("Accept".into(), "text/plain".into()))).await;
    assert_eq!(request.matches("accept:").count(), 1, "{request}");
    assert!(request.contains("accept: text/plain\r\n"));
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let body = "é".repeat(2 * 1024 * 1024);
    let sent = Bytes::from(body.clone());
    let request = request_seen(|outgoing| outgoing.body = sent).await;
    // The receiver decodes each read by itself, which may split a character: the length tells.
    assert!(request.starts_with("POST ") && request.contains("content-length: 4194304\r\n"));
}

#[tokio::test]
async fn a_header_that_http_does_not_allow_is_not_sent() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    for (name, value) in [("bad name", "x"), ("x", "line\r\nbreak"), ("", "x")] {
        let mut outgoing = outgoing(&receiver.url(), PATIENT);
        outgoing.headers.push((name.into(), value.into()));
        assert_eq!(sender().send(outgoing).await, Err(SendError::Protocol), "{name}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let elsewhere = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    for status in [301, 302, 303, 307, 308] {
        let location = elsewhere.url();
        let head = format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let receiver = Receiver::answering(head).await;
        assert_eq!(send(&receiver, PATIENT).await.unwrap().status, status);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let sender = sender();
    for _ in 0..3 {
        assert_eq!(sender.send(outgoing(&receiver.url(), PATIENT)).await.unwrap().body, b"ok");
    }
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn sends_may_run_on_any_thread() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let (sender, outgoing) = (sender(), outgoing(&receiver.url(), PATIENT));
    let answer = tokio::spawn(async move { sender.send(outgoing).await });
    assert_eq!(answer.await.unwrap().unwrap().body, b"ok");
}

#[tokio::test]
async fn few_unused_connections_are_kept() {
    let receiver = Receiver::start(|mut connection| async move {
        while connection.request().await.is_some() {
            tokio::time::sleep(Duration::from_millis(100)).await;
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        }
    })
    .await;
    let sender = sender();
    let eight = || async {
        let sends = (0..8).map(|_| sender.send(outgoing(&receiver.url(), PATIENT)));
        assert!(futures_util::future::join_all(sends).await.iter().all(Result::is_ok));
    };
    eight().await;
    assert_eq!(receiver.connections(), 8);
    tokio::time::sleep(Duration::from_millis(100)).await;
    eight().await;
    assert_eq!(receiver.connections(), 12, "four of the eight were kept");
}
