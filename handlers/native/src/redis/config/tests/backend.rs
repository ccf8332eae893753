//! The predecessor's `config_api.php`, over real HTTP on loopback.

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use render_signal::config::settings::{ApiToken, ExternalBackend};
use render_signal::delivery::{Loopback, TargetUrl, UrlPolicy};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

const TOKEN: &str = "back-end-t0ken";

/// What it does to a request, before or after it has acted.
#[derive(Clone, Default)]
pub(super) enum Mood {
    /// What it should.
    #[default]
    Well,
    /// It answers this and does nothing.
    Refusing(u16, &'static str),
    /// It says nothing at all to reads.
    SilentOnReads,
    /// It answers reads with what it held when they came, but takes its time.
    SlowOnReads(Duration),
    /// It stores what it is sent, and says nothing.
    SilentAfterWrites,
    /// It runs this once it has stored what it was sent, then answers.
    Then(Arc<dyn Fn() + Send + Sync>),
}

#[derive(Default)]
pub(super) struct Inside {
    pub(super) mood: Mood,
    pub(super) documents: BTreeMap<String, Value>,
    pub(super) requests: Vec<String>,
}

/// A backend that runs until it is dropped.
pub(super) struct Backend {
    pub(super) inside: Arc<Mutex<Inside>>,
    port: u16,
    task: JoinHandle<()>,
}

impl Backend {
    pub(super) async fn start() -> Self {
        let inside = Arc::new(Mutex::new(Inside::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::clone(&inside);
        let app = Router::new().fallback(move |request: Request| answer(Arc::clone(&shared), request));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { inside, port, task }
    }

    pub(super) fn settings(&self) -> ExternalBackend {
        let base = TargetUrl::parse(&format!("http://127.0.0.1:{}/app/", self.port), &loopback()).unwrap();
        ExternalBackend { base, token: ApiToken::new(TOKEN).unwrap() }
    }

    pub(super) fn set(&self, name: &str, value: Value) {
        self.inside.lock().unwrap().documents.insert(name.to_owned(), value);
    }

    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.inside.lock().unwrap().documents.get(name).cloned()
    }

    pub(super) fn be(&self, mood: Mood) {
        self.inside.lock().unwrap().mood = mood;
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.inside.lock().unwrap().requests.clone()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What admits a target on this machine.
pub(super) fn loopback() -> UrlPolicy {
    UrlPolicy { loopback: Loopback::Allowed, own_hosts: Vec::new() }
}

async fn answer(inside: Arc<Mutex<Inside>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let mood = {
        let mut inside = inside.lock().unwrap();
        inside.requests.push(format!("{} {}", parts.method, parts.uri));
        inside.mood.clone()
    };
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if parts.uri.path() != "/app/config_api.php" {
        return say(404, &json!({}));
    }
    if header("authorization") != Some(&format!("Bearer {TOKEN}")) || header("accept") != Some("application/json") {
        return say(401, &json!({"success": false, "message": "Unauthorized"}));
    }
    let writes = parts.method == "POST";
    match &mood {
        Mood::Refusing(status, text) => {
            return (StatusCode::from_u16(*status).unwrap(), text.to_string()).into_response();
        }
        Mood::SilentOnReads if !writes => tokio::time::sleep(Duration::from_mins(1)).await,
        _ => {}
    }
    if !writes {
        let name = parts.uri.query().unwrap().strip_prefix("key=").unwrap();
        let config = inside.lock().unwrap().documents.get(name).cloned();
        if let Mood::SlowOnReads(time) = mood {
            tokio::time::sleep(time).await;
        }
        return say(200, &json!({"success": true, "config": config.unwrap_or(json!({}))}));
    }
    assert_eq!(header("content-type"), Some("application/json"));
    let stored = store(&inside, &body);
    match mood {
        Mood::SilentAfterWrites => tokio::time::sleep(Duration::from_mins(1)).await,
        Mood::Then(act) => act(),
        _ => {}
    }
    stored
}

/// As PHP does: the document is stamped, and empty objects inside become lists.
fn store(inside: &Mutex<Inside>, body: &Bytes) -> Response {
    let body: Value = serde_json::from_slice(body).unwrap();
    let (Some(key), Some(config)) = (body["key"].as_str(), body["config"].as_object()) else {
        return say(400, &json!({"success": false, "message": "Invalid payload"}));
    };
    let mut config: Map<_, _> = config.iter().map(|(name, value)| (name.clone(), php(value))).collect();
    config.insert("_updated_at".to_owned(), json!("2026-11-20T15:16:00+00:00"));
    inside.lock().unwrap().documents.insert(key.to_owned(), Value::Object(config));
    say(200, &json!({"success": true}))
}

fn php(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.is_empty() => json!([]),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), php(value))).collect(),
        Value::Array(items) => items.iter().map(php).collect(),
        other => other.clone(),
    }
}

fn say(status: u16, body: &Value) -> Response {
    let headers = [("content-type", "application/json; charset=utf-8")];
    (StatusCode::from_u16(status).unwrap(), headers, body.to_string()).into_response()
}
