//! `render-signal config`: the configuration documents.

use super::Failure;
use super::output::{json, line};
use crate::store::SqliteStore;
use crate::system::SystemClock;
use clap::Subcommand;
use render_signal::config::{DocumentKey, Settings};
use render_signal::ports::{ConfigError, ConfigStore as _, StoredDocument, Write};
use serde_json::Value;
use std::io::Read as _;

/// The commands on documents.
#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Lists the documents that are stored.
    List,
    /// Prints a document as stored.
    Get {
        /// Its name, such as `webhook_config`.
        #[arg(value_parser = key)]
        key: DocumentKey,
    },
    /// Replaces a document. A running server uses it within seconds.
    Set {
        /// Its name.
        #[arg(value_parser = key)]
        key: DocumentKey,
        /// The new document, as JSON; read from standard input when it is not given.
        json: Option<String>,
        /// The version it was made from: refused when the document has moved on.
        #[arg(long)]
        expect: Option<u64>,
    },
}

fn key(text: &str) -> Result<DocumentKey, String> {
    let known = || DocumentKey::ALL.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ");
    DocumentKey::parse(text).ok_or_else(|| format!("not a document; these are: {}", known()))
}

impl Config {
    pub(super) async fn run(self, store: &SqliteStore, settings: &Settings) -> Result<(), Failure> {
        match self {
            Self::List => list(store).await,
            Self::Get { key } => match stored(store, key).await? {
                Some(document) => json(&document.value),
                None => json(&serde_json::json!({})),
            },
            Self::Set { key, json, expect } => set(store, settings, key, json, expect).await,
        }
    }
}

async fn list(store: &SqliteStore) -> Result<(), Failure> {
    let documents = store.load().await?.documents;
    if documents.is_empty() {
        return line("no document is stored: the defaults of the environment hold");
    }
    for document in documents {
        line(format!(
            "{} version {} of {} by {}",
            document.key.as_str(),
            document.version,
            document.at.to_rfc3339(),
            document.author
        ))?;
    }
    Ok(())
}

async fn stored(store: &SqliteStore, key: DocumentKey) -> Result<Option<StoredDocument>, Failure> {
    let documents = store.load().await?.documents;
    Ok(documents.into_iter().find(|document| document.key == key))
}

fn read_input() -> Result<String, Failure> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    Ok(input)
}

async fn set(
    store: &SqliteStore,
    settings: &Settings,
    key: DocumentKey,
    text: Option<String>,
    expected: Option<u64>,
) -> Result<(), Failure> {
    let text = text.map_or_else(read_input, Ok)?;
    let value: Value = serde_json::from_str(&text).map_err(|error| Failure::Caller(format!("not JSON: {error}")))?;
    let checked =
        key.check(&value, &settings.sending.url_policy).map_err(|error| Failure::Caller(error.to_string()))?;
    let write = Write { key, value: checked.stamped(SystemClock::time()), expected, author: "command line".to_owned() };
    match store.write(write).await {
        Ok(document) => line(format!("{} is at version {}", key.as_str(), document.version)),
        Err(ConfigError::Conflict { current }) => {
            Err(Failure::Caller(format!("{} is at version {current} now", key.as_str())))
        }
        Err(error) => Err(error.into()),
    }
}
