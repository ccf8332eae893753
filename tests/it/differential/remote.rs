//! A running server, driven over the routes of the test build.

use super::subject::{Subject, Told};
use crate::harness::{Answer, Server, TOKEN};
use render_signal::calendar::Timestamp;
use render_signal_handlers::http::testing::PREFIX;
use serde_json::Value;
use std::time::{Duration, Instant};

/// What is due is done within this time.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Remote {
    server: Server,
    client: reqwest::Client,
}

impl Remote {
    pub(super) fn start(settings: &[(&'static str, String)]) -> Self {
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { server: Server::start(&settings), client }
    }

    async fn ask(&self, method: &str, route: &str, body: String) -> Value {
        let url = format!("{}{PREFIX}{route}", self.server.base());
        let answer = Answer::of(self.client.request(method.parse().unwrap(), url).body(body)).await;
        assert_eq!(answer.status, 200, "{route}: a test build, driven by its test? {answer:?}");
        answer.json()
    }

    /// Items under way, and whether anything is due.
    async fn activity(&self) -> (u64, bool) {
        let all = self.ask("GET", "stats", String::new()).await;
        let due = all["stats"]["oldest_due"].as_i64().is_some_and(|due| due <= all["now"].as_i64().unwrap());
        (all["stats"]["in_flight"].as_u64().unwrap(), due)
    }
}

impl Subject for Remote {
    async fn set_time(&self, now: Timestamp) {
        self.ask("PUT", "clock", now.as_millis().to_string()).await;
    }

    async fn configure(&self, document: &str, value: &Value) {
        self.ask("PUT", &format!("documents/{document}"), value.to_string()).await;
    }

    async fn round(&self) {
        self.ask("POST", "round", String::new()).await;
    }

    async fn push(&self, push: &Value) -> Told {
        let request = self.client.post(self.server.url("/api/ingress/gmail")).bearer_auth(TOKEN);
        let request = request.header("content-type", "application/json").body(push.to_string());
        let answer = Answer::of(request).await;
        Told::of(answer.status, answer.body.as_bytes())
    }

    async fn settle(&self) {
        let start = Instant::now();
        loop {
            match self.activity().await {
                (0, false) => return,
                (0, true) => {
                    self.ask("POST", "work", String::new()).await;
                }
                _ => tokio::time::sleep(Duration::from_millis(5)).await,
            }
            assert!(start.elapsed() < PATIENCE, "it does not come to rest: {:#?}", self.server.log());
        }
    }

    async fn lives(&self) -> Vec<Value> {
        let mut lives = Vec::new();
        let mut before = String::new();
        loop {
            let mut page = self.ask("GET", &format!("lives{before}"), String::new()).await;
            lives.append(page["lives"].as_array_mut().unwrap());
            match page["next"].as_str() {
                Some(next) => before = format!("/{next}"),
                None => return lives,
            }
        }
    }
}
