//! `render-signal config recover`: writes documents that were lost back from a copy in the data directory.
//!
//! Nothing does this by itself: an empty store may be what somebody wanted.

use super::Failure;
use super::output::Output;
use crate::redis::config::recoverable;
use clap::Args;
use render_signal::config::{Settings, read_copy};
use render_signal::ports::{ConfigError, ConfigStore, Origin, StoredDocument, Write};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Who has written what was recovered.
const AUTHOR: &str = "recovered";

#[derive(Debug, Args)]
pub(super) struct Recover {
    /// The file to read; without it the newest in the data directory that has a document which the store lacks.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Only says what would be written.
    #[arg(long)]
    dry_run: bool,
    /// Writes over documents that are there. The file has to be named.
    #[arg(long, requires = "from")]
    replace: bool,
}

/// What becomes of a document of the file.
enum Fate {
    /// It is written, from this version.
    Written(u64),
    /// It is left alone, for this reason.
    Left(String),
}

impl Recover {
    pub(super) async fn run(
        self,
        store: &impl ConfigStore,
        settings: &Settings,
        out: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let loaded = store.load().await?;
        if let Origin::Copy { cause } = loaded.origin {
            return Err(Failure::Failed(format!("nothing can be written now: {cause}")));
        }
        let file = match &self.from {
            Some(path) => Some((path.clone(), read(path)?)),
            None => newest(Path::new(&settings.server.data_dir), &loaded.documents)?,
        };
        let Some((path, documents)) = file else {
            return out.line(format!("nothing to recover: no copy in {} has more", settings.server.data_dir));
        };
        out.line(format!("from {}:", path.display()))?;
        for document in documents {
            let fate = self.fate(&document, &loaded.documents);
            self.apply(document, fate, store, out).await?;
        }
        Ok(())
    }

    fn fate(&self, document: &StoredDocument, stored: &[StoredDocument]) -> Fate {
        if !document.value.is_object() {
            return Fate::Left("damaged in this file, left out".to_owned());
        }
        match stored.iter().find(|it| it.key == document.key) {
            None => Fate::Written(0),
            Some(there) if there.value == document.value => Fate::Left("there already, the same".to_owned()),
            Some(there) if self.replace => Fate::Written(there.version),
            Some(there) => Fate::Left(format!(
                "there already, another one: version {} by {}; left alone without --from FILE --replace",
                there.version, there.author
            )),
        }
    }

    async fn apply(
        &self,
        document: StoredDocument,
        fate: Fate,
        store: &impl ConfigStore,
        out: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let StoredDocument { key, value, at, .. } = document;
        let expected = match fate {
            Fate::Left(why) => return out.line(format!("{key}: {why}")),
            Fate::Written(_) if self.dry_run => {
                return out.line(format!("{key}: would be written, as of {}", at.to_rfc3339()));
            }
            Fate::Written(expected) => Some(expected),
        };
        match store.write(Write { key, value, expected, author: AUTHOR.to_owned() }).await {
            Ok(written) => {
                out.line(format!("{key}: written as version {}, as of {}", written.version, at.to_rfc3339()))
            }
            Err(ConfigError::Conflict { current }) => {
                out.line(format!("{key}: written by somebody else meanwhile, now at version {current}; left alone"))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The newest file with a document that the store lacks.
fn newest(dir: &Path, stored: &[StoredDocument]) -> Result<Option<(PathBuf, Vec<StoredDocument>)>, Failure> {
    let paths = match recoverable(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        paths => paths?,
    };
    for path in paths {
        // A file that cannot be read hides none that is older.
        let Ok(documents) = read(&path) else { continue };
        let lacks =
            |document: &StoredDocument| document.value.is_object() && !stored.iter().any(|it| it.key == document.key);
        if documents.iter().any(lacks) {
            return Ok(Some((path, documents)));
        }
    }
    Ok(None)
}

fn read(path: &Path) -> Result<Vec<StoredDocument>, Failure> {
    let unreadable = |why: String| Failure::Caller(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let copy = read_copy(&text, String::new()).map_err(|_| unreadable("not a copy of the configuration".to_owned()))?;
    Ok(copy.documents)
}

#[cfg(test)]
mod tests;
