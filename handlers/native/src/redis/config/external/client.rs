//! The external backend: a store of JSON documents behind HTTP, as the predecessor has it.
//!
//! It has no versions and no compare-and-set. A document that it does not have is an empty object there.

use crate::fetch::Sender;
use bytes::Bytes;
use render_signal::config::DocumentKey;
use render_signal::config::settings::ExternalBackend;
use render_signal::delivery::outcome::{Answer, SendError};
use render_signal::delivery::{TargetUrl, UrlPolicy};
use render_signal::ports::{Fetch as _, Outgoing, Tls};
use serde_json::{Value, json};
use std::time::Duration;

const READ_TIMEOUT: Duration = Duration::from_secs(6);
const WRITE_TIMEOUT: Duration = Duration::from_secs(8);

/// Longer answers are cut, and then not readable.
const MAX_ANSWER: usize = 4 << 20;

/// A backend, reached under the rules of targets: https, and never an address of a private network.
#[derive(Debug)]
pub struct ExternalClient {
    sender: Sender,
    backend: ExternalBackend,
    policy: UrlPolicy,
}

/// What the backend holds of a document.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Held {
    pub(super) key: DocumentKey,
    /// `None`: it is not there.
    pub(super) value: Option<Value>,
}

/// Why a document was not read or written. The text is for the operator and holds no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// It did not act.
    #[error("the external backend {0}")]
    Refused(String),
    /// It may have acted.
    #[error("the external backend did not answer: {0}")]
    Unknown(&'static str),
}

impl ExternalClient {
    /// A client of that backend.
    pub fn new(sender: Sender, backend: ExternalBackend, policy: UrlPolicy) -> Self {
        Self { sender, backend, policy }
    }

    /// Every document, asked for at once.
    pub(super) async fn get_all(&self) -> Result<Vec<Held>, Failure> {
        futures_util::future::try_join_all(DocumentKey::ALL.map(|key| self.get(key))).await
    }

    pub(super) async fn get(&self, key: DocumentKey) -> Result<Held, Failure> {
        let request = self.request(&format!("?key={key}"), Bytes::new(), READ_TIMEOUT)?;
        let answer = read(&self.sender.get(request).await?)?;
        Ok(Held { key, value: held(answer) })
    }

    pub(super) async fn put(&self, key: DocumentKey, value: &Value) -> Result<(), Failure> {
        let body = json!({"key": key.as_str(), "config": value}).to_string();
        let request = self.request("", body.into(), WRITE_TIMEOUT)?;
        read(&self.sender.send(request).await?).map(|_| ())
    }

    fn request(&self, query: &str, body: Bytes, timeout: Duration) -> Result<Outgoing, Failure> {
        let base = self.backend.base.as_str().trim_end_matches('/');
        let url = TargetUrl::parse(&format!("{base}/config_api.php{query}"), &self.policy)
            .map_err(|refusal| Failure::Refused(format!("may not be asked: {}", refusal.code())))?;
        let bearer = format!("Bearer {}", self.backend.token.reveal());
        let headers = [("Authorization", bearer.as_str()), ("Accept", "application/json")];
        let media = (!body.is_empty()).then_some(("Content-Type", "application/json"));
        let headers = headers.into_iter().chain(media).map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Outgoing { url, headers: headers.collect(), body, timeout, tls: Tls::Verified, max_answer: MAX_ANSWER })
    }
}

/// The answer's object, if it says that it succeeded.
fn read(answer: &Answer) -> Result<Value, Failure> {
    let status = answer.status;
    if status >= 500 {
        return Err(Failure::Unknown("it failed on its side (status 5xx)"));
    }
    let body: Value = match status {
        200 => serde_json::from_slice(&answer.body).map_err(|_| Failure::Unknown("its answer is not JSON"))?,
        _ => return Err(Failure::Refused(format!("answered {status}"))),
    };
    match body.get("success") {
        Some(said) if is_yes(said) => Ok(body),
        _ => Err(Failure::Refused("answered without success".to_owned())),
    }
}

/// Whether PHP would take it for true.
fn is_yes(said: &Value) -> bool {
    match said {
        Value::Bool(said) => *said,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !matches!(text.as_str(), "" | "0"),
        _ => false,
    }
}

/// The document in an answer. PHP writes an empty object as an empty list.
fn held(mut answer: Value) -> Option<Value> {
    let config = answer.get_mut("config").map(Value::take)?;
    let nothing = match &config {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    (!nothing).then_some(config)
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Dns | SendError::Tls | SendError::ForbiddenAddress => {
                Self::Refused(format!("was not reached: {}", error.code()))
            }
            SendError::Timeout | SendError::Connect | SendError::Protocol => Self::Unknown(error.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Option<Value>, Failure> {
        read(&Answer { status, content_type: None, retry_after: None, body: body.as_bytes().to_vec() }).map(held)
    }

    #[test]
    fn what_the_backend_says_it_holds() {
        for (body, document) in [
            (r#"{"success":true,"config":{"a":1}}"#, Some(json!({"a": 1}))),
            (r#"{"success":1,"config":{"_updated_at":"x"}}"#, Some(json!({"_updated_at": "x"}))),
            (r#"{"success":"yes","config":"text"}"#, Some(json!("text"))),
            (r#"{"success":true,"config":{}}"#, None),
            (r#"{"success":true,"config":[]}"#, None),
            (r#"{"success":true,"config":null}"#, None),
            (r#"{"success":true}"#, None),
        ] {
            assert_eq!(answer(200, body), Ok(document), "{body}");
        }
    }

    #[test]
    fn what_is_no_answer_and_whether_it_may_have_acted() {
        for (status, body, may_have_acted) in [
            (200, r#"{"success":false,"message":"no"}"#, false),
            (200, r#"{"success":"0"}"#, false),
            (200, r#"{"success":0}"#, false),
            (200, r#"{"config":{}}"#, false),
            (200, "[1]", false),
            (401, r#"{"success":true}"#, false),
            (302, "", false),
            (200, "<html>", true),
            (200, "", true),
            (500, r#"{"success":false}"#, true),
            (503, "", true),
        ] {
            let failure = answer(status, body).unwrap_err();
            assert_eq!(matches!(failure, Failure::Unknown(_)), may_have_acted, "{status} {body}");
        }
    }
}
