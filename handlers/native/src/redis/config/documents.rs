//! The documents in Redis, and their versions: one script a step.

use super::row::{self, Row};
use crate::redis::{Link, LinkError, StoreTime};
use redis::{Script, ScriptInvocation};
use render_signal::config::DocumentKey;
use render_signal::ports::{ConfigError, StoredDocument, Write};

/// The plain documents under a prefix, which containers of the predecessor read and write too.
#[derive(Debug)]
pub(super) struct PlainDocuments {
    link: Link,
    prefix: String,
    time: StoreTime,
    load: Script,
    write: Script,
}

/// What every step begins with, for a step that works on these lists of versions.
macro_rules! step {
    ($flags:literal, $lists:literal, $step:literal) => {
        Script::new(concat!(
            "#!lua",
            $flags,
            "\n",
            include_str!("lua/documents.lua"),
            include_str!(concat!("lua/", $lists, ".lua")),
            include_str!(concat!("lua/", $step, ".lua"))
        ))
    };
}

impl PlainDocuments {
    pub(super) fn new(link: Link, prefix: &str, time: StoreTime) -> Self {
        Self {
            link,
            prefix: prefix.to_owned(),
            time,
            // What somebody else changed is recorded in a full store too: else nobody could read it there.
            load: step!(" flags=allow-oom", "plain", "load"),
            write: step!("", "plain", "write"),
        }
    }

    /// The version of the whole, and every document. What somebody else changed becomes a version in the same step.
    pub(super) async fn load(&self) -> Result<(u64, Vec<StoredDocument>), ConfigError> {
        let mut call = self.call(&self.load);
        for key in DocumentKey::ALL {
            call.arg(key.as_str());
        }
        let (version, rows): (u64, Vec<Row>) = row::read(self.link.run(&call).await?)?;
        Ok((version, rows.into_iter().filter_map(row::document).collect()))
    }

    /// See [`render_signal::ports::ConfigStore::write`].
    pub(super) async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        let mut call = self.call(&self.write);
        let expected = write.expected.map(|version| version.to_string()).unwrap_or_default();
        call.arg(write.key.as_str()).arg(expected).arg(&write.author).arg(write.value.to_string());
        let (version, at) = row::written(self.link.run(&call).await?)?;
        Ok(StoredDocument { key: write.key, version, value: write.value, at, author: write.author })
    }

    fn call<'a>(&self, script: &'a Script) -> ScriptInvocation<'a> {
        let mut call = script.key(&self.prefix);
        call.arg(self.time.argument());
        call
    }
}

impl From<LinkError> for ConfigError {
    fn from(error: LinkError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
