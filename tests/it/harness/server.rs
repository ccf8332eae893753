//! A running server, seen from outside.

use super::{Answer, Ended, Home, Mail, Place, TOKEN, eventually};
use serde_json::Value;
use std::sync::{Arc, RwLock};
use std::time::Duration;

/// A server that runs, wherever its home is. It ends when this goes.
pub(crate) struct Server {
    home: Arc<dyn Home>,
    base: RwLock<String>,
    client: reqwest::Client,
}

impl Server {
    /// Starts one with these settings, on top of the ones of every test, where this run has its servers.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Self {
        Self::on(Place::of_this_run().home(settings))
    }

    /// Starts one in a given home.
    pub(crate) fn on(home: Arc<dyn Home>) -> Self {
        let base = RwLock::new(home.start());
        // A kept connection would end with the runtime of the test that made it, and a server may serve several tests.
        let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
        let client = client.timeout(Duration::from_mins(1)).build().unwrap();
        Self { home, base, client }
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base())
    }

    /// `http://host:port`.
    pub(crate) fn base(&self) -> String {
        self.base.read().unwrap().clone()
    }

    /// Kills it and starts it again over what it kept.
    pub(crate) fn crash(&self) {
        self.home.kill();
        self.start_again();
    }

    /// Starts it after it ended.
    pub(crate) fn start_again(&self) {
        *self.base.write().unwrap() = self.home.start();
    }

    /// A request to be filled in.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method.parse().unwrap(), self.url(path))
    }

    /// Pushes a mail as the Gmail client does.
    pub(crate) async fn push(&self, mail: &Mail) -> Answer {
        self.try_push(mail).await.unwrap()
    }

    /// Pushes a mail to a server that may be gone.
    pub(crate) async fn try_push(&self, mail: &Mail) -> Result<Answer, reqwest::Error> {
        let request = self.request("POST", "/api/ingress/gmail").bearer_auth(TOKEN);
        let request = request.header("content-type", "application/json").body(mail.to_json());
        Answer::try_of(request.send().await?).await
    }

    /// Pushes a mail whose body may be refused before it was read. What stands before a server may then close the connection on a
    /// client that is still sending, and the answer with it; a client asks again.
    pub(crate) async fn insist(&self, mail: &Mail) -> Answer {
        for _ in 0..20 {
            if let Ok(answer) = self.try_push(mail).await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.push(mail).await
    }

    /// Pushes a mail that must be taken as new.
    pub(crate) async fn take(&self, mail: &Mail) {
        assert_eq!(self.push(mail).await.status_word(), (200, "queued".to_owned()), "{}", mail.subject());
    }

    /// Replaces a configuration document.
    pub(crate) fn configure(&self, document: &str, value: &Value) {
        self.operate(&["config", "set", document, &value.to_string()]).ok();
    }

    /// Runs one of the operator's commands.
    pub(crate) fn operate(&self, arguments: &[&str]) -> Ended {
        self.home.operate(arguments)
    }

    /// The mails in a state, newest first, at most 500.
    pub(crate) fn mails(&self, state: &str) -> Vec<Value> {
        let text = self.operate(&["mails", "list", "--state", state, "--limit", "500", "--json"]).ok();
        let page: Value = serde_json::from_str(&text).unwrap();
        page["mails"].as_array().unwrap().clone()
    }

    /// A mail's whole life, once it stands in this state.
    pub(crate) async fn life(&self, mail: &Mail, state: &str) -> Value {
        let subject = mail.subject();
        let what = format!("{subject} in state {state}");
        let id = eventually(&what, || {
            let found = self.mails(state).into_iter().find(|found| found["subject"] == subject.as_str())?;
            Some(found["id"].as_str().unwrap().to_owned())
        })
        .await;
        serde_json::from_str(&self.operate(&["mails", "show", &id]).ok()).unwrap()
    }

    /// The memory it has now, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        self.home.resident_kib()
    }

    /// The most memory it ever had, in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.home.peak_kib()
    }

    /// The log lines so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.home.log()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.home.kill();
    }
}
