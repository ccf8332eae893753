//! A home under comparison, and what it did.

use super::mails::Push;
use super::receivers::{Receivers, Request};
use super::scenarios::Scenario;
use render_signal::calendar::Timestamp;
use serde_json::Value;

/// A home whose time, rounds and configuration are the test's.
pub(super) trait Subject {
    async fn set_time(&self, now: Timestamp);
    async fn configure(&self, document: &str, value: &Value);
    /// A regular round.
    async fn round(&self);
    async fn push(&self, push: &Push) -> Told;
    /// Waits until nothing is due or under way.
    async fn settle(&self);
    /// Everything on record.
    async fn lives(&self) -> Vec<Value>;
}

/// What the client was told: the status, and the word it acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told(u16, String);

impl Told {
    pub(super) fn word(&self) -> &str {
        &self.1
    }

    pub(super) fn of(status: u16, body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap();
        let word = if json["success"] == true { &json["status"] } else { &json["message"] };
        // How far a known mail is by now is a matter of speed.
        Self(status, word.as_str().unwrap().replace("already_processed", "already_processing"))
    }
}

/// What a home did with the mails.
pub(super) struct Done {
    pub(super) told: Vec<Told>,
    pub(super) requests: Vec<Request>,
    pub(super) lives: Vec<String>,
}

/// Puts a home through a scenario.
pub(super) async fn put_through<S: Subject>(
    subject: &S,
    scenario: &Scenario,
    mails: &[Vec<Push>],
    receivers: &Receivers,
    base: &str,
) -> Done {
    let mut told = Vec::new();
    for (n, (instant, pushes)) in scenario.instants().into_iter().zip(mails).enumerate() {
        if n == 0 {
            subject.set_time(instant).await;
        }
        // While nothing is due: workers that wake by themselves would else meet the change sooner or later than in another home.
        for (document, value) in scenario.documents(n, base) {
            subject.configure(document, &value).await;
        }
        subject.round().await;
        subject.settle().await;
        subject.set_time(instant).await;
        subject.settle().await;
        for push in pushes {
            told.push(subject.push(push).await);
        }
        subject.settle().await;
    }
    let mut lives: Vec<String> = subject.lives().await.iter().map(comparable).collect();
    lives.sort();
    Done { told, requests: receivers.take(), lives }
}

/// A life without what is drawn by lot (ids, the spread of a retry's delay) and without the order of what goes on side by side.
fn comparable(life: &Value) -> String {
    let mut life = life.clone();
    life["mail"]["id"].take();
    for delivery in life["deliveries"].as_array_mut().unwrap() {
        delivery["id"].take();
        if delivery["state"] == "retrying" {
            delivery["due_at"].take();
        }
    }
    sort(&mut life["deliveries"]);
    let events = life["events"].as_array_mut().unwrap();
    for event in &mut *events {
        event["seq"].take();
        event["delivery"] = event["delivery"].is_string().into();
    }
    sort(&mut life["events"]);
    life.to_string()
}

fn sort(list: &mut Value) {
    list.as_array_mut().unwrap().sort_by_key(ToString::to_string);
}
