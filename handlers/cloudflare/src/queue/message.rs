//! What a message says, and sending one.

use crate::system::within;
use core::time::Duration;
use serde_json::Value;
use worker::wasm_bindgen::JsValue;
use worker::{BatchMessageBuilder, Env, Error, MessageBuilder, QueueContentType, Result};

/// The binding of `wrangler.toml`.
const BINDING: &str = "NUDGES";

/// A queue that hangs must hold neither the alarm, which does not ring again before it has ended, nor who works when there is no queue.
const DEADLINE: Duration = Duration::from_secs(5);

/// Whether a body is a nudge: JSON text that names the work it was sent for, for whoever reads the queue. Nobody acts on it.
pub(super) fn is_nudge(body: &JsValue) -> bool {
    let value = body.as_string().and_then(|text| serde_json::from_slice::<Value>(text.as_bytes()).ok());
    value.is_some_and(|value| value.get("work").is_some_and(|work| work.is_null() || work.is_i64()))
}

/// Sends one message for each of these work numbers, at most 100; an error says that none is known to be sent.
pub(crate) async fn send(env: &Env, work: Vec<Option<i64>>) -> Result<()> {
    let mut batch = BatchMessageBuilder::new();
    for work in work {
        // As text: a value handed to the platform as an object may arrive empty.
        let text = work.map_or_else(|| r#"{"work":null}"#.to_owned(), |work| format!(r#"{{"work":{work}}}"#));
        batch = batch.message(MessageBuilder::new(text).content_type(QueueContentType::Text).build());
    }
    let late = || Err(Error::RustError(format!("the queue did not answer within {} s", DEADLINE.as_secs())));
    let queue = env.queue(BINDING)?;
    within(DEADLINE, queue.send_batch(batch.build())).await.unwrap_or_else(late)
}
