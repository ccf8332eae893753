//! Receivers that mean harm: each costs its own delivery an attempt, and the server nothing.

use crate::harness::{Mail, Place, Receiver, Reply, Server, as_told_here, eventually};
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// How much the server's memory may grow over all of it. Measured natively: 1 to 2 MiB; one bomb alone would be 64. V8 collects when it
/// likes: in workerd all six bombs together would show.
fn most_kib() -> u64 {
    match Place::of_this_run() {
        Place::Native | Place::Redis => 24 << 10,
        Place::Worker => 192 << 10,
    }
}

/// Mails to each receiver: more than a target has places.
const MAILS: usize = 6;

fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    (0..64).for_each(|_| encoder.write_all(&zeros).unwrap());
    let body = encoder.finish().unwrap();
    let head = format!("HTTP/1.1 503 x\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), &body].concat()
}

fn receivers() -> Vec<(&'static str, Reply, &'static str)> {
    let endless = |head: &str, again: Vec<u8>, pause| Reply::Endless { head: head.as_bytes().to_vec(), again, pause };
    let quick = Duration::from_millis(1);
    // What carries a Worker's requests has no limit of its own, and hands them on.
    let too_many_headers = match Place::of_this_run() {
        Place::Native | Place::Redis => "send_protocol",
        Place::Worker => "upstream_server_error",
    };
    let many: String = "x-header: y\r\n".repeat(10_000);
    vec![
        ("/silence", Reply::Silence, "send_timeout"),
        (
            "/drip-head",
            endless("HTTP/1.1 200 OK\r\n", b"a: b\r\n".to_vec(), Duration::from_millis(200)),
            "send_timeout",
        ),
        (
            "/drip-body",
            endless("HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n", b"x".to_vec(), Duration::from_millis(50)),
            "send_timeout",
        ),
        ("/endless-body", endless("HTTP/1.1 503 x\r\n\r\n", vec![b'x'; 64 << 10], quick), "upstream_server_error"),
        ("/endless-head", endless("HTTP/1.1 200 OK\r\nx: ", vec![b'x'; 64 << 10], quick), "send_protocol"),
        ("/bomb", Reply::Raw(bomb()), "upstream_server_error"),
        ("/headers", Reply::Raw(format!("HTTP/1.1 503 x\r\n{many}\r\n").into_bytes()), too_many_headers),
        ("/cut", Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec()), "send_connect"),
    ]
}

#[tokio::test]
async fn a_hostile_receiver_costs_an_attempt_and_nothing_else() {
    let receiver = Receiver::start();
    let server = Server::start(&[("WEBHOOK_URL", &receiver.target("/hook"))]);
    let all = receivers();
    let rules: Vec<_> = all
        .iter()
        .map(|(path, reply, _)| {
            receiver.script(path, [reply.clone()]);
            json!({"id": path[1..], "name": path,
                   "conditions": [{"field": "subject", "operator": "contains", "value": format!("[{path}]")}],
                   "actions": {"webhook_url": receiver.target(path), "stop_processing": true}})
        })
        .collect();
    server.configure("routing_rules", &json!({"rules": rules}));
    server.configure("processing_prefs", &json!({"webhook_timeout_sec": 2, "retry_count": 1, "retry_delay_sec": 600}));
    server.take(&Mail::new("before")).await;
    receiver.one("/hook").await;
    let before = server.resident_kib();

    let start = Instant::now();
    for n in 0..MAILS {
        for (path, _, _) in &all {
            server.take(&Mail::new(&format!("[{path}] {n}"))).await;
        }
    }
    eventually("all wait for their retry", || (server.mails("retrying").len() == MAILS * all.len()).then_some(()))
        .await;
    let took = start.elapsed();
    for (path, _, code) in &all {
        let life = server.life(&Mail::new(&format!("[{path}] 0")), "retrying").await;
        let attempt = &life["deliveries"][0]["attempts"][0];
        assert_eq!(attempt["code"], as_told_here(code), "{path}: {attempt}");
        assert!(attempt["duration_ms"].as_u64().unwrap() < 3_000, "{path}: {attempt}");
    }
    let peak = server.peak_kib().saturating_sub(before);
    println!("hostile: {took:?}, {} MiB more", peak >> 10);
    assert!(peak < most_kib(), "{peak} KiB");
    // Their places are free, and nobody else noticed.
    server.take(&Mail::new("after")).await;
    receiver.at_least("/hook", 2).await;
}
