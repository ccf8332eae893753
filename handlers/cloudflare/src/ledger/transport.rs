//! The way to the object, with a deadline.

use core::pin::pin;
use core::time::Duration;
use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use js_sys::futures::JsFuture;
use render_signal::ledger::Fullness;
use render_signal::sql::Transport;
use worker::{Delay, Method, Request, RequestInit, Stub, web_sys};

/// An object that panics or hangs may never answer; after this its caller goes on, and asks again later.
const DEADLINE: Duration = Duration::from_secs(10);

/// Calls to the ledger object.
pub(crate) struct ObjectTransport {
    stub: Stub,
}

impl ObjectTransport {
    pub(crate) fn new(stub: Stub) -> Self {
        Self { stub }
    }

    async fn post(&self, call: &[u8]) -> worker::Result<(u16, Vec<u8>)> {
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_body(Some(Uint8Array::from(call).into()));
        let request = Request::new_with_init("http://ledger/", &init)?;
        let response = web_sys::Response::from(self.stub.fetch_with_request(request).await?);
        let status = response.status();
        let body = JsFuture::from(response.array_buffer()?).await?;
        Ok((status, Uint8Array::new(&body).to_vec()))
    }
}

impl Transport for ObjectTransport {
    async fn send(&self, call: Vec<u8>) -> Result<Vec<u8>, String> {
        match select(pin!(self.post(&call)), Delay::from(DEADLINE)).await {
            Either::Left((Ok((200, answer)), _)) => Ok(answer),
            Either::Left((Ok((status, text)), _)) => {
                Err(format!("the ledger object answered {status}: {}", String::from_utf8_lossy(&text)))
            }
            Either::Left((Err(error), _)) => Err(error.to_string()),
            Either::Right(_) => Err(format!("the ledger object did not answer within {} s", DEADLINE.as_secs())),
        }
    }

    /// An object's size is limited by its platform, which says so when it is reached; there is nothing to ask beforehand.
    async fn fullness(&self) -> Result<Fullness, String> {
        Ok(Fullness { used: 0, limit: None })
    }
}
