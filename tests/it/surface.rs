//! What every route owes: the right refusal for what is not there, security headers, bounds on size and number.

use crate::acceptance::shared;
use crate::harness::{Answer, Mail, Server, TOKEN, Wire, exchange, one_default_target};
use serde_json::json;

const LIMIT: usize = 10 << 20;

const SECURITY: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
];

/// What every answer carries, whatever it says.
fn assert_secure(answer: &Answer, what: &str) {
    for (name, value) in SECURITY {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{what}: no policy"));
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{what}: {policy}");
}

#[tokio::test]
async fn unknown_paths_and_methods_have_their_own_answers() {
    let shared = shared();
    let rows: [(&str, &str, u16, Option<&str>); 14] = [
        ("GET", "/nothing", 404, None),
        ("POST", "/api/ingress/gmail/", 404, None),
        ("POST", "/api/ingress", 404, None),
        ("OPTIONS", "/nothing", 404, None),
        ("HEAD", "/nothing", 404, None),
        ("GET", "/api/ingress/gmail", 405, Some("OPTIONS, POST")),
        ("HEAD", "/api/ingress/gmail", 405, Some("OPTIONS, POST")),
        ("PUT", "/api/ingress/gmail", 405, Some("OPTIONS, POST")),
        ("DELETE", "/health", 405, Some("OPTIONS, HEAD, GET")),
        ("POST", "/api/ping", 405, Some("OPTIONS, HEAD, GET")),
        ("OPTIONS", "/api/ingress/gmail", 204, Some("OPTIONS, POST")),
        ("OPTIONS", "/health", 204, Some("OPTIONS, HEAD, GET")),
        ("HEAD", "/health", 200, None),
        ("HEAD", "/api/ping", 200, None),
    ];
    for (method, path, status, allow) in rows {
        let answer = Answer::of(shared.server.request(method, path)).await;
        let what = format!("{method} {path}");
        assert_eq!((answer.status, answer.header("allow")), (status, allow), "{what}");
        assert_secure(&answer, &what);
        if method == "HEAD" || status == 204 {
            assert_eq!(answer.body, "", "{what}");
        } else {
            assert_eq!(answer.json()["success"], false, "{what}");
        }
    }
}

#[tokio::test]
async fn security_headers_are_on_every_answer() {
    let shared = shared();
    let push = |body: String| {
        let request = shared.server.request("POST", "/api/ingress/gmail").bearer_auth(TOKEN);
        request.header("content-type", "application/json").body(body)
    };
    let answers = [
        (401, Answer::of(shared.server.request("POST", "/api/ingress/gmail")).await),
        (400, Answer::of(push("{".to_owned())).await),
        (400, Answer::of(push("{}".to_owned())).await),
        (200, Answer::of(push(Mail::new("secure").to_json())).await),
        (413, Answer::of(push("x".repeat(LIMIT + 1))).await),
        (200, Answer::of(shared.server.request("GET", "/ready")).await),
    ];
    for (status, answer) in answers {
        assert_eq!(answer.status, status);
        assert_secure(&answer, &status.to_string());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn health_ready_and_ping_say_what_they_promise() {
    let shared = shared();
    let health = Answer::of(shared.server.request("GET", "/health")).await;
    assert_eq!(health.status, 200);
    let health = health.json();
    assert_eq!((&health["status"], &health["version"]), (&json!("ok"), &json!(env!("CARGO_PKG_VERSION"))));
    for name in ["home", "store", "ledger", "config"] {
        assert!(health["services"][name].is_string(), "{health}");
    }
    let ready = Answer::of(shared.server.request("GET", "/ready")).await;
    assert_eq!((ready.status, ready.json()), (200, json!({"success": true, "ready": true, "code": "ready"})));
    let ping = Answer::of(shared.server.request("GET", "/api/ping")).await;
    assert_eq!((ping.status, &ping.json()["status"]), (200, &json!("pong")));
    let time = ping.json()["timestamp_utc"].as_str().unwrap().to_owned();
    assert!(time.starts_with("20") && (time.ends_with('Z') || time.ends_with("+00:00")), "{time}");
}

fn head(lines: &str) -> Vec<u8> {
    let head = format!(
        "POST /api/ingress/gmail HTTP/1.1\r\nhost: x\r\nauthorization: {TOKEN}\r\ncontent-type: application/json\r\n"
    );
    format!("{head}{lines}\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn a_body_announced_too_large_is_refused_before_it_is_sent() {
    let shared = shared();
    for length in [LIMIT + 1, 1 << 40] {
        let answer = exchange(&shared.server.base(), &head(&format!("content-length: {length}"))).await;
        assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("too_large")), "{length}");
    }
    // A client that asks first is not asked for it.
    let asking = head(&format!("expect: 100-continue\r\ncontent-length: {}", LIMIT + 1));
    assert_eq!(exchange(&shared.server.base(), &asking).await.status, 413);
}

#[tokio::test]
async fn a_body_of_unknown_length_is_counted_while_it_comes() {
    let shared = shared();
    let mut wire = Wire::to(&shared.server.base()).await;
    wire.send(&head("transfer-encoding: chunked")).await;
    let piece = vec![b' '; 1 << 20];
    for _ in 0..10 {
        wire.send(format!("{:x}\r\n", piece.len()).as_bytes()).await;
        wire.send(&piece).await;
        wire.send(b"\r\n").await;
    }
    // One byte more than the limit, and no end.
    wire.send(b"1\r\nx\r\n").await;
    let answer = wire.answer().await;
    assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("too_large")));
    assert_secure(&answer, "413");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_harms_nobody() {
    // A server of its own: for a moment the places for large bodies are taken.
    let (_receiver, server) = one_default_target(&[]);
    for _ in 0..20 {
        let mut wire = Wire::to(&server.base()).await;
        wire.send(&head("content-length: 3000000")).await;
        wire.send(&vec![b'x'; 1_200_000]).await;
    }
    // Their places among the large bodies are free again.
    let body = format!("<p>qzbody {}</p>", "x".repeat(1_500_000));
    let mail = Mail::new("after-the-leavers").with("body", body);
    let start = std::time::Instant::now();
    while server.push(&mail).await.status == 503 {
        assert!(start.elapsed().as_secs() < 20);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    server.life(&mail, "delivered").await;
}

#[tokio::test]
async fn large_bodies_have_so_many_places_and_small_ones_need_none() {
    let (_receiver, server) = one_default_target(&[]);
    let places = 4 * std::thread::available_parallelism().unwrap().get();
    let mut holders = Vec::new();
    for _ in 0..places {
        // An announced length takes the place; the body never comes.
        let mut wire = Wire::to(&server.base()).await;
        wire.send(&head("content-length: 3000000")).await;
        holders.push(wire);
    }
    let large = Mail::new("one-too-many").with("body", format!("<p>qzbody {}</p>", "x".repeat(1_500_000)));
    let start = std::time::Instant::now();
    // The server may still be reading the heads.
    let refused = loop {
        let answer = server.push(&large).await;
        if answer.status == 503 {
            break answer;
        }
        assert!(start.elapsed().as_secs() < 20, "never refused");
    };
    assert_eq!((&refused.json()["code"], refused.header("retry-after")), (&json!("busy"), Some("5")));
    server.take(&Mail::new("small-meanwhile")).await;
    drop(holders);
    while server.push(&large).await.status == 503 {
        assert!(start.elapsed().as_secs() < 40, "no place was given back");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn pushes_beyond_the_rate_are_told_when_to_come_back() {
    let server = Server::start(&[("INGRESS_RATE_PER_MINUTE", "2")]);
    for n in 0..2 {
        server.take(&Mail::new(&format!("rate-{n}"))).await;
    }
    let answer = server.push(&Mail::new("rate-over")).await;
    assert_eq!(answer.status_word(), (429, "Too many requests".to_owned()));
    let after: u32 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=30).contains(&after), "{after}");
    assert_secure(&answer, "429");
    // What is not a push is not counted, and a wrong token stays 401.
    assert_eq!(Answer::of(server.request("GET", "/health")).await.status, 200);
    assert_eq!(Answer::of(server.request("POST", "/api/ingress/gmail")).await.status, 401);
}
