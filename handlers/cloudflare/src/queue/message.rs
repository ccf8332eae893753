//! What a message says.

use crate::system::within;
use core::time::Duration;
use serde::{Deserialize, Serialize};
use worker::wasm_bindgen::JsValue;
use worker::{BatchMessageBuilder, Env, Error, MessageBuilder, QueueContentType, Result};

/// The binding of `wrangler.toml`.
const BINDING: &str = "NUDGES";

/// A queue that hangs must hold neither the alarm, which does not ring again before it has ended, nor who works when there is no queue.
const DEADLINE: Duration = Duration::from_secs(5);

/// A nudge. It goes as JSON text: a value handed to the platform as an object may arrive empty.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    /// The work it was sent for, for whoever reads the queue; nobody acts on it.
    pub(super) work: Option<i64>,
}

impl Message {
    /// Reads a body. `None` when this is no message of ours.
    pub(super) fn read(body: &JsValue) -> Option<Self> {
        serde_json::from_str(&body.as_string()?).ok()
    }
}

/// Sends one message for each of these work numbers, at most 100; an error says that none is known to be sent.
pub(crate) async fn send(env: &Env, work: impl IntoIterator<Item = Option<i64>>) -> Result<()> {
    let mut batch = BatchMessageBuilder::new();
    for work in work {
        let text = serde_json::to_string(&Message { work }).map_err(|error| Error::RustError(error.to_string()))?;
        batch = batch.message(MessageBuilder::new(text).content_type(QueueContentType::Text).build());
    }
    let late = || Err(Error::RustError(format!("the queue did not answer within {} s", DEADLINE.as_secs())));
    let queue = env.queue(BINDING)?;
    within(DEADLINE, queue.send_batch(batch.build())).await.unwrap_or_else(late)
}
