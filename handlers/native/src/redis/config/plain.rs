//! The plain documents in Redis, which containers of the predecessor read and write too.

use super::row::{self, Row};
use super::steps::{Steps, step};
use redis::Script;
use render_signal::calendar::Timestamp;
use render_signal::ports::{ConfigError, StoredDocument, Write};

/// The documents under a prefix, and their versions. Each call is one script.
#[derive(Debug)]
pub(super) struct PlainDocuments {
    steps: Steps,
    load: Script,
    write: Script,
}

impl PlainDocuments {
    pub(super) fn new(steps: Steps) -> Self {
        // What somebody else changed is recorded in a full store too: else nobody could read it there.
        Self { steps, load: step!(" flags=allow-oom", "plain", "load"), write: step!("", "plain", "write") }
    }

    /// The version of the whole, and every document. What somebody else changed becomes a version in the same step.
    pub(super) async fn load(&self) -> Result<(u64, Vec<StoredDocument>), ConfigError> {
        let (version, rows): (u64, Vec<Row>) = self.steps.run(&self.steps.call_on_all(&self.load)).await?;
        Ok((version, rows.into_iter().filter_map(row::document).collect()))
    }

    /// See [`render_signal::ports::ConfigStore::write`].
    pub(super) async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        let mut call = self.steps.call(&self.write);
        let expected = write.expected.map(|version| version.to_string()).unwrap_or_default();
        call.arg(write.key.as_str()).arg(expected).arg(&write.author).arg(write.value.to_string());
        let (current, at): (u64, Option<i64>) = self.steps.run(&call).await?;
        let at = at.map(Timestamp::from_millis).ok_or(ConfigError::Conflict { current })?;
        Ok(StoredDocument { key: write.key, version: current, value: write.value, at, author: write.author })
    }
}
