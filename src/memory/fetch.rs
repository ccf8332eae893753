//! Webhook receivers that answer by script.

use super::clock::MemoryClock;
use super::faults::{Call, Faults, Side};
use super::locked;
use crate::calendar::Timestamp;
use crate::delivery::outcome::{Answer, SendError};
use crate::ports::{Clock, Fetch, Outgoing};
use bytes::Bytes;
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// One answer of a script.
#[derive(Debug, Clone)]
pub struct Reply {
    /// How long the receiver takes, in virtual time. Longer than the request's timeout is a timeout.
    pub delay: Duration,
    /// What comes back.
    pub result: Result<Answer, SendError>,
}

impl Reply {
    /// An answer at once, with a status and a body.
    pub fn status(status: u16, body: &str) -> Self {
        let answer = Answer { status, content_type: None, retry_after: None, body: body.as_bytes().to_vec() };
        Self { delay: Duration::ZERO, result: Ok(answer) }
    }

    /// No answer.
    pub const fn error(error: SendError) -> Self {
        Self { delay: Duration::ZERO, result: Err(error) }
    }

    /// The same, later.
    #[must_use]
    pub const fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The same, asking to be left alone: a number of seconds or a date, as sent.
    #[must_use]
    pub fn retry_after(mut self, value: &str) -> Self {
        if let Ok(answer) = &mut self.result {
            answer.retry_after = Some(value.to_owned());
        }
        self
    }
}

/// A request as a receiver saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// When it arrived.
    pub at: Timestamp,
    /// Where.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Bytes,
    /// The status that the script answers with; `None` when it is an error.
    pub status: Option<u16>,
}

impl Received {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The receivers of the world, by URL. A URL without a script has no address.
#[derive(Debug)]
pub struct MemoryFetch {
    scripts: Mutex<BTreeMap<String, VecDeque<Reply>>>,
    received: Mutex<Vec<Received>>,
    clock: MemoryClock,
    faults: Arc<Faults>,
}

impl MemoryFetch {
    /// A world without receivers.
    pub const fn new(clock: MemoryClock, faults: Arc<Faults>) -> Self {
        Self { scripts: Mutex::new(BTreeMap::new()), received: Mutex::new(Vec::new()), clock, faults }
    }

    /// Sets the answers of a URL, in order; the last one is given for ever.
    pub fn script(&self, url: &str, replies: impl IntoIterator<Item = Reply>) {
        locked(&self.scripts).insert(url.to_owned(), replies.into_iter().collect());
    }

    /// Every request that arrived, oldest first.
    pub fn received(&self) -> Vec<Received> {
        locked(&self.received).clone()
    }

    /// The request is on the wire: the receiver has it, whatever becomes of the answer.
    fn arrive(&self, request: &Outgoing) -> Reply {
        let reply = self.next_reply(request.url.as_str());
        if reply.result.as_ref().err().is_none_or(|error| matches!(error, SendError::Timeout | SendError::Protocol)) {
            locked(&self.received).push(Received {
                at: self.clock.now(),
                url: request.url.as_str().to_owned(),
                headers: request.headers.clone(),
                body: request.body.clone(),
                status: reply.result.as_ref().ok().map(|answer| answer.status),
            });
        }
        reply
    }

    fn next_reply(&self, url: &str) -> Reply {
        let mut scripts = locked(&self.scripts);
        let next = scripts.get_mut(url).and_then(|script| match script.len() {
            0 | 1 => script.front().cloned(),
            _ => script.pop_front(),
        });
        next.unwrap_or(Reply::error(SendError::Dns))
    }

    async fn exchange(&self, request: Outgoing) -> Result<Answer, SendError> {
        let reply = self.arrive(&request);
        if reply.delay >= request.timeout {
            self.clock.sleep(request.timeout).await;
            return Err(SendError::Timeout);
        }
        if reply.delay > Duration::ZERO {
            self.clock.sleep(reply.delay).await;
        }
        let mut answer = reply.result?;
        answer.body.truncate(request.max_answer);
        Ok(answer)
    }
}

impl Fetch for MemoryFetch {
    async fn send(&self, request: Outgoing) -> Result<Answer, SendError> {
        let error = |side| match side {
            Side::Before => SendError::Connect,
            Side::After => SendError::Timeout,
        };
        self.faults.around(Call::Send, error, self.exchange(request)).await
    }
}
