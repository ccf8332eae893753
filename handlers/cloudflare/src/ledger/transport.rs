//! The way to the object, with a deadline.

use crate::home::Event;
use crate::storage::LIMIT;
use crate::system::{WorkerClock, within};
use core::cell::Cell;
use core::time::Duration;
use js_sys::Uint8Array;
use js_sys::futures::JsFuture;
use render_signal::calendar::Timestamp;
use render_signal::ledger::Fullness;
use render_signal::sql::Transport;
use worker::{Method, Request, RequestInit, Stub, web_sys};

/// An object that panics or hangs may never answer; after this its caller goes on, and asks again later.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long a request may use what another one was told of the object's size.
const SIZE_FRESH: Duration = Duration::from_secs(30);

thread_local! {
    /// The object's size, as this isolate was told last.
    static SIZE: Cell<Option<(Timestamp, u64)>> = const { Cell::new(None) };
}

/// Calls to the ledger object, or to that of its documents.
pub(crate) struct ObjectTransport {
    stub: Stub,
    event: Event,
}

impl ObjectTransport {
    pub(crate) fn new(stub: Stub, event: Event) -> Self {
        Self { stub, event }
    }

    /// Has the object tell the queue of what is overdue, arm its alarm anew, and keep a round of the sweep. Without one it
    /// answers with the last that it was given.
    pub(crate) async fn wake(&self, round: &str) -> Result<String, String> {
        let kept = self.within_deadline("http://ledger/wake", round.as_bytes()).await?;
        Ok(String::from_utf8_lossy(&kept).into_owned())
    }

    /// The bytes that the object holds.
    async fn size(&self) -> Result<u64, String> {
        let now = WorkerClock::time();
        let fresh =
            |(at, _): &(Timestamp, u64)| self.event == Event::Request && *at <= now && now.since(*at) < SIZE_FRESH;
        if let Some((_, size)) = SIZE.get().filter(fresh) {
            return Ok(size);
        }
        let text = self.within_deadline("http://ledger/size", &[]).await?;
        let text = String::from_utf8_lossy(&text);
        let size = text.parse().map_err(|_| format!("the ledger object's size is no number: {text}"))?;
        SIZE.set(Some((now, size)));
        Ok(size)
    }

    async fn within_deadline(&self, url: &str, call: &[u8]) -> Result<Vec<u8>, String> {
        match within(DEADLINE, self.post(url, call)).await {
            Some(Ok((200, answer))) => Ok(answer),
            Some(Ok((status, text))) => {
                Err(format!("the object answered {status}: {}", String::from_utf8_lossy(&text)))
            }
            Some(Err(error)) => Err(error.to_string()),
            None => Err(format!("the object did not answer within {} s", DEADLINE.as_secs())),
        }
    }

    async fn post(&self, url: &str, call: &[u8]) -> worker::Result<(u16, Vec<u8>)> {
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_body(Some(Uint8Array::from(call).into()));
        let request = Request::new_with_init(url, &init)?;
        let response = web_sys::Response::from(self.stub.fetch_with_request(request).await?);
        let status = response.status();
        let body = JsFuture::from(response.array_buffer()?).await?;
        Ok((status, Uint8Array::new(&body).to_vec()))
    }
}

impl Transport for ObjectTransport {
    async fn send(&self, call: Vec<u8>) -> Result<Vec<u8>, String> {
        self.within_deadline("http://ledger/", &call).await
    }

    async fn fullness(&self) -> Result<Fullness, String> {
        Ok(Fullness { used: self.size().await?, limit: Some(LIMIT) })
    }
}
