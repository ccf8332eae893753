//! What the server answered.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Sends a request and reads the answer.
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        Self::try_of(request.send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn try_of(response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = String::from_utf8(response.bytes().await?.to_vec()).unwrap();
        Ok(Self { status, headers, body })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The status, and the word that the client acts on: `status` of a success, `message` of a refusal.
    pub(crate) fn status_word(&self) -> (u16, String) {
        let json = self.json();
        let success = json["success"].as_bool().unwrap_or_else(|| panic!("no success: {self:?}"));
        let word = if success { &json["status"] } else { &json["message"] };
        (self.status, word.as_str().unwrap_or_else(|| panic!("no word: {self:?}")).to_owned())
    }
}
