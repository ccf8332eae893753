//! An external backend as the place where documents are written (`php_first`), with their versions in Redis.
//!
//! The backend knows neither versions nor compare-and-set. So a writer takes the document's mark in Redis first; then nobody else of
//! ours writes it, and no reader records what is only half done. What somebody else puts into the backend, whenever, becomes a
//! version by `external` at the next look. Half-way failures, and what holds after each: docs/architecture.md.

mod client;
mod same;

pub use client::ExternalClient;

use super::row::{self, Row};
use super::steps::{Steps, step};
use crate::system::SystemEntropy;
use client::{Failure, Held};
use redis::Script;
use render_signal::config::DocumentKey;
use render_signal::ports::{ConfigError, StoredDocument, Write};
use same::same;
use serde_json::Value;

/// So long a write can take: both requests to the backend, and four to Redis.
const WRITE_MS: u64 = 30_000;

/// Who changed a document that nobody changed here.
const SOMEBODY_ELSE: &str = "external";

/// What could be read, and where.
#[derive(Debug)]
pub(super) enum Reading {
    /// The backend's documents, with their versions.
    Whole(u64, Vec<StoredDocument>),
    /// The newest versions that are recorded, because the backend does not answer.
    Recorded(u64, Vec<StoredDocument>, String),
    /// The backend's documents without versions, because Redis does not answer.
    Unversioned(Vec<StoredDocument>, String),
}

impl ExternalClient {
    /// Every document that the backend has, while Redis, where they belong, does not answer.
    pub(super) async fn documents(&self) -> Result<Vec<StoredDocument>, ConfigError> {
        Ok(unversioned(self.get_all().await?))
    }
}

/// The documents of a backend.
#[derive(Debug)]
pub(super) struct ExternalDocuments {
    client: ExternalClient,
    steps: Steps,
    versions: Script,
    record: Script,
    begin: Script,
    finish: Script,
}

impl ExternalDocuments {
    pub(super) fn new(client: ExternalClient, steps: Steps) -> Self {
        Self {
            client,
            steps,
            versions: step!(" flags=no-writes", "external", "versions"),
            record: step!(" flags=allow-oom", "external", "record"),
            begin: step!("", "external", "begin"),
            finish: step!(" flags=allow-oom", "external", "finish"),
        }
    }

    pub(super) async fn load(&self) -> Result<Reading, ConfigError> {
        // Versions first: a version that is newer than the reading must not be taken for the one that was read.
        let seen: Result<(u64, Vec<Row>), _> = self.steps.run(&self.steps.call_on_all(&self.versions)).await;
        match (seen, self.client.get_all().await) {
            (Ok((version, rows)), Ok(held)) => self.reconcile(version, rows, held).await,
            (Ok((version, rows)), Err(cause)) if rows.iter().any(|row| row.1 > 0) => {
                Ok(Reading::Recorded(version, rows.into_iter().filter_map(row::document).collect(), cause.to_string()))
            }
            (Ok(_), Err(cause)) => Err(cause.into()),
            (Err(cause), Ok(held)) => Ok(Reading::Unversioned(unversioned(held), cause.to_string())),
            (Err(redis), Err(backend)) => Err(ConfigError::Unavailable(format!("{redis}; {backend}"))),
        }
    }

    /// The documents as the backend has them: what differs from its newest version was changed by somebody else.
    async fn reconcile(&self, mut version: u64, rows: Vec<Row>, held: Vec<Held>) -> Result<Reading, ConfigError> {
        let mut documents = Vec::new();
        for (row, held) in rows.into_iter().zip(held) {
            let row = if differs(&row, &held) {
                let (_, whole, newest) = self.record(held.key, row.1, "", SOMEBODY_ELSE, held.value.as_ref()).await?;
                version = version.max(whole);
                newest
            } else {
                row
            };
            documents.extend(row::document(row));
        }
        Ok(Reading::Whole(version, documents))
    }

    /// Adds a version after the one of that number; does not when there is a newer one, or when somebody else is writing.
    async fn record(
        &self,
        key: DocumentKey,
        seen: u64,
        token: &str,
        author: &str,
        value: Option<&Value>,
    ) -> Result<(bool, u64, Row), ConfigError> {
        let mut call = self.steps.call(&self.record);
        let text = value.map(Value::to_string).unwrap_or_default();
        call.arg(key.as_str()).arg(seen).arg(token).arg(author).arg(text);
        self.steps.run(&call).await
    }

    pub(super) async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        let token = SystemEntropy::token().map_err(|error| ConfigError::Unavailable(error.to_string()))?;
        let mut call = self.steps.call(&self.begin);
        call.arg(write.key.as_str()).arg(&token).arg(WRITE_MS);
        let (begun, row): (bool, Row) = self.steps.run(&call).await?;
        if !begun {
            return Err(ConfigError::Unavailable(format!("somebody else is writing {}", write.key)));
        }
        let outcome = self.write_marked(&write, &token, row).await;
        if !matches!(outcome, Err(Stopped::Unknown(_))) {
            let mut call = self.steps.call(&self.finish);
            call.arg(write.key.as_str()).arg(&token);
            // The mark goes by itself in the end.
            let _: Result<u64, _> = self.steps.run(&call).await;
        }
        outcome.map_err(Stopped::into_error)
    }

    async fn write_marked(&self, write: &Write, token: &str, row: Row) -> Result<StoredDocument, Stopped> {
        let held = self.client.get(write.key).await.map_err(|failure| Stopped::Before(failure.into()))?;
        let newest = if differs(&row, &held) {
            let record = self.record(write.key, row.1, token, SOMEBODY_ELSE, held.value.as_ref()).await;
            record.map_err(Stopped::Before)?.2
        } else {
            row
        };
        let current = if newest.4.is_empty() { 0 } else { newest.1 };
        if write.expected.is_some_and(|expected| expected != current) {
            return Err(Stopped::Before(ConfigError::Conflict { current }));
        }
        self.client.put(write.key, &write.value).await.map_err(|failure| match failure {
            Failure::Refused(_) => Stopped::Before(failure.into()),
            Failure::Unknown(_) => Stopped::Unknown(failure.into()),
        })?;
        let recorded = self.record(write.key, newest.1, token, &write.author, Some(&write.value)).await;
        match recorded {
            Ok((true, _, row)) => row::document(row).ok_or_else(|| Stopped::Unknown(half_done())),
            Ok((false, ..)) | Err(_) => Err(Stopped::Unknown(half_done())),
        }
    }
}

/// Where a write ended that did not succeed.
enum Stopped {
    /// The backend was not changed.
    Before(ConfigError),
    /// The backend may have been changed. The mark stays until it runs out: a late request may still arrive there.
    Unknown(ConfigError),
}

impl Stopped {
    fn into_error(self) -> ConfigError {
        match self {
            Self::Before(error) | Self::Unknown(error) => error,
        }
    }
}

impl From<Failure> for ConfigError {
    fn from(failure: Failure) -> Self {
        Self::Unavailable(failure.to_string())
    }
}

fn half_done() -> ConfigError {
    ConfigError::Unavailable(
        "the external backend has taken the document, but its version could not be recorded: it will be on record by `external`"
            .to_owned(),
    )
}

fn differs(row: &Row, held: &Held) -> bool {
    let recorded = row::document(row.clone()).map(|document| document.value);
    match (recorded, &held.value) {
        (Some(recorded), Some(held)) => !same(&recorded, held),
        (recorded, held) => recorded.is_some() != held.is_some(),
    }
}

fn unversioned(held: Vec<Held>) -> Vec<StoredDocument> {
    let at = crate::system::SystemClock::time();
    let document = |held: Held| {
        let value = held.value?;
        Some(StoredDocument { key: held.key, version: 0, value, at, author: SOMEBODY_ELSE.to_owned() })
    };
    held.into_iter().filter_map(document).collect()
}
