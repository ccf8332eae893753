//! The receivers of all homes: what they answer follows from the mail, and from how often they were asked.

use crate::harness::background;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A request that came: where, under which media type, and the body byte for byte.
pub(super) type Request = (String, String, Vec<u8>);

/// An answer: status, media type, body.
pub(super) type Reply = (u16, &'static str, &'static str);

/// What every answer asks for that is a 429, in seconds: longer than the pause between two tries.
pub(super) const RETRY_AFTER: &str = "7200";

#[derive(Default)]
pub(super) struct Receivers {
    /// What came, for comparing.
    requests: Mutex<Vec<Request>>,
    /// How often a path was asked about a mail.
    asked: Mutex<BTreeMap<(String, String), u32>>,
}

impl Receivers {
    /// Serves them. Every home sends to this one address, so that nothing differs by where it is sent.
    pub(super) fn serve() -> (Arc<Self>, String) {
        let receivers = Arc::<Self>::default();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&receivers));
        background().spawn(async move {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await.unwrap();
        });
        (receivers, base)
    }

    /// What came since the last call, in the order of bytes.
    pub(super) fn take(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clear();
        let mut requests = std::mem::take(&mut *self.requests.lock().unwrap());
        requests.sort();
        requests
    }

    /// Takes a request and answers it.
    pub(super) fn reply(&self, path: &str, media_type: &str, body: &[u8]) -> Reply {
        self.requests.lock().unwrap().push((path.to_owned(), media_type.to_owned(), body.to_vec()));
        let payload: Value = serde_json::from_slice(body).unwrap_or_default();
        let mail = payload["microsoft_graph_email_id"].as_str().unwrap_or("0000");
        let mut asked = self.asked.lock().unwrap();
        let count = asked.entry((path.to_owned(), mail.to_owned())).or_default();
        *count += 1;
        reply(path, mail, media_type.starts_with("application/json"), *count)
    }
}

fn reply(path: &str, mail: &str, json: bool, time: u32) -> Reply {
    const OK: Reply = (200, "application/json", "{\"success\": true}");
    if path.starts_with("/gone/") {
        return (410, "text/plain", "gone");
    }
    let digits = u32::from_str_radix(&mail[..4], 16).unwrap();
    match (digits % 16, time) {
        (0, _) => (400, "text/html; charset=utf-8", "<h1>Mauvaise requête é</h1>"),
        (1, 1 | 2) => (500, "text/plain", "later"),
        (2, _) => (503, "application/json", "{\"error\": \"busy\"}"),
        (3, _) => (200, "application/json; charset=utf-8", "{\"success\":false, \"message\": \"non\"}"),
        (4, _) if json => (415, "text/plain", "no"),
        (5, 1) => (429, "text/plain", "slow down"),
        (6, _) => (415, "text/plain", "never"),
        (7, _) => (422, "application/json", "{\"success\": false}"),
        (8, _) => (302, "text/plain", ""),
        (9, _) => (202, "text/plain", "accepted"),
        (10, _) => (200, "text/html", "<html>success:false</html>"),
        _ => OK,
    }
}

async fn answer(State(receivers): State<Arc<Receivers>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let media_type = headers.get("content-type").map_or("", |value| value.to_str().unwrap());
    let (status, media_type, text) = receivers.reply(uri.path(), media_type, &body);
    let mut answer = Response::new(text.into());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer.headers_mut().insert("content-type", HeaderValue::from_static(media_type));
    match status {
        302 => answer.headers_mut().insert("location", HeaderValue::from_static("/elsewhere")),
        429 => answer.headers_mut().insert("retry-after", HeaderValue::from_static(RETRY_AFTER)),
        _ => None,
    };
    answer
}
