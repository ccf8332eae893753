//! `render-signal config`: the configuration documents.

use super::Failure;
use super::output::Output;
use super::recover::Recover;
use crate::system::SystemClock;
use clap::Subcommand;
use render_signal::config::{DocumentKey, Settings};
use render_signal::ports::{ConfigError, ConfigStore, Loaded, Origin, StoredDocument, Write};
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
    /// Writes documents that the store has lost back, from a copy in the data directory. For a store on Redis.
    Recover(Recover),
}

fn key(text: &str) -> Result<DocumentKey, String> {
    let known = || DocumentKey::ALL.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ");
    DocumentKey::parse(text).ok_or_else(|| format!("not a document; these are: {}", known()))
}

impl Config {
    pub(super) async fn run(
        self,
        store: &impl ConfigStore,
        settings: &Settings,
        out: &mut Output<'_>,
    ) -> Result<(), Failure> {
        match self {
            Self::List => list(store, out).await,
            Self::Get { key } => match stored(store, key).await? {
                Some(document) => out.json(&document.value),
                None => out.json(&serde_json::json!({})),
            },
            Self::Set { key, json, expect } => {
                let document = document(settings, key, json)?;
                set(store, key, document, expect, out).await
            }
            Self::Recover(command) => command.run(store, settings, out).await,
        }
    }
}

async fn list(store: &impl ConfigStore, out: &mut Output<'_>) -> Result<(), Failure> {
    let Loaded { documents, origin, .. } = store.load().await?;
    if let Origin::Copy { cause } = origin {
        out.line(format!("a copy, perhaps an older one: {cause}"))?;
    }
    if documents.is_empty() {
        return out.line("no document is stored: the defaults of the environment hold");
    }
    for document in documents {
        out.line(format!(
            "{} version {} of {} by {}",
            document.key.as_str(),
            document.version,
            document.at.to_rfc3339(),
            document.author
        ))?;
    }
    Ok(())
}

async fn stored(store: &impl ConfigStore, key: DocumentKey) -> Result<Option<StoredDocument>, Failure> {
    let documents = store.load().await?.documents;
    Ok(documents.into_iter().find(|document| document.key == key))
}

fn read_input() -> Result<String, Failure> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    Ok(input)
}

/// The new document, if the settings allow it.
fn document(settings: &Settings, key: DocumentKey, text: Option<String>) -> Result<Value, Failure> {
    let text = text.map_or_else(read_input, Ok)?;
    let value: Value = serde_json::from_str(&text).map_err(|error| Failure::Caller(format!("not JSON: {error}")))?;
    let checked =
        key.check(&value, &settings.sending.url_policy).map_err(|error| Failure::Caller(error.to_string()))?;
    Ok(checked.stamped(SystemClock::time()))
}

async fn set(
    store: &impl ConfigStore,
    key: DocumentKey,
    value: Value,
    expected: Option<u64>,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    match store.write(Write { key, value, expected, author: "command line".to_owned() }).await {
        Ok(document) => out.line(format!("{} is at version {}", key.as_str(), document.version)),
        Err(ConfigError::Conflict { current }) => {
            Err(Failure::Caller(format!("{} is at version {current} now", key.as_str())))
        }
        Err(error) => Err(error.into()),
    }
}
