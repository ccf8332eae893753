//! The way to the object, with a deadline.

use core::pin::pin;
use core::time::Duration;
use futures_util::future::{Either, select};
use render_signal::ledger::Fullness;
use render_signal::sql::Transport;
use worker::wasm_bindgen::JsValue;
use worker::{Delay, Method, Request, RequestInit, Stub};

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

    async fn post(&self, call: &str) -> worker::Result<(u16, String)> {
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_body(Some(JsValue::from_str(call)));
        let request = Request::new_with_init("http://ledger/", &init)?;
        let mut response = self.stub.fetch_with_request(request).await?;
        Ok((response.status_code(), response.text().await?))
    }
}

impl Transport for ObjectTransport {
    async fn send(&self, call: String) -> Result<String, String> {
        match select(pin!(self.post(&call)), Delay::from(DEADLINE)).await {
            Either::Left((Ok((200, text)), _)) => Ok(text),
            Either::Left((Ok((status, text)), _)) => Err(format!("the ledger object answered {status}: {text}")),
            Either::Left((Err(error), _)) => Err(error.to_string()),
            Either::Right(_) => Err(format!("the ledger object did not answer within {} s", DEADLINE.as_secs())),
        }
    }

    /// An object's size is limited by its platform, which says so when it is reached; there is nothing to ask beforehand.
    async fn fullness(&self) -> Result<Fullness, String> {
        Ok(Fullness { used: 0, limit: None })
    }
}
