//! The copy of the documents in the data directory: what a server reads while the primary does not answer.
//!
//! It says what the primary held at the last look. What would be lost by renewing it, because the primary was emptied, lost a document
//! or went back to an older state, is set aside first, in a file of its own. Nothing is written back by itself: `config recover` does
//! that, when somebody asks for it.

use render_signal::calendar::Timestamp;
use render_signal::config::{DocumentKey, read_copy, write_copy};
use render_signal::ports::{ConfigError, Loaded, StoredDocument};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const NAME: &str = "config-copy.json";
const ASIDE: &str = "config-copy.before-";

/// So many files that were set aside are kept, the newest.
const KEPT: usize = 10;

/// The copy in a data directory. One server uses a directory.
#[derive(Debug)]
pub struct LocalCopy {
    dir: PathBuf,
    /// What the file holds, once that is known.
    written: Mutex<Option<String>>,
}

/// What was set aside, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aside {
    pub(super) path: PathBuf,
    /// The documents that the primary has no longer.
    pub(super) gone: Vec<DocumentKey>,
    /// Whether it has none at all.
    pub(super) emptied: bool,
}

impl LocalCopy {
    /// The copy in that directory, which is made when something is first written.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), written: Mutex::new(None) }
    }

    /// The documents of the copy, which is read because of `cause`; `None` when there is no copy.
    pub(super) fn read(&self, cause: String) -> Option<Result<Loaded, ConfigError>> {
        Some(read_copy(&self.text().ok().flatten()?, cause))
    }

    /// Makes it say what the primary holds. Writes nothing when it says so already.
    pub(super) fn keep(&self, version: u64, documents: &[StoredDocument], now: Timestamp) -> io::Result<Option<Aside>> {
        let text = write_copy(version, documents).map_err(io::Error::other)?;
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let former = match written.take() {
            Some(former) => Some(former),
            None => self.text()?,
        };
        if former.as_ref() != Some(&text) {
            let aside = former.map(|former| self.set_aside(&former, version, documents, now)).transpose()?.flatten();
            self.replace(NAME, &text)?;
            *written = Some(text);
            return Ok(aside);
        }
        *written = former;
        Ok(None)
    }

    fn text(&self) -> io::Result<Option<String>> {
        match std::fs::read_to_string(self.dir.join(NAME)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps the former copy beside, if the new one does not hold all of it or if it cannot be read.
    fn set_aside(
        &self,
        former: &str,
        version: u64,
        documents: &[StoredDocument],
        now: Timestamp,
    ) -> io::Result<Option<Aside>> {
        let gone = match read_copy(former, String::new()) {
            Ok(former) => {
                let held = |key| documents.iter().any(|document| document.key == key);
                let gone: Vec<_> = former.documents.iter().map(|it| it.key).filter(|key| !held(*key)).collect();
                // Of an empty configuration there is nothing to keep.
                if former.documents.is_empty() || (gone.is_empty() && former.version <= version) {
                    return Ok(None);
                }
                gone
            }
            Err(_) => Vec::new(),
        };
        let path = self.write_aside(former, now)?;
        Ok(Some(Aside { path, gone, emptied: documents.is_empty() }))
    }

    /// Once only: when the copy could not be renewed after it was set aside, the same comes here again.
    fn write_aside(&self, text: &str, now: Timestamp) -> io::Result<PathBuf> {
        let newest = set_aside_in(&self.dir)?.into_iter().next();
        if let Some(path) = newest.filter(|path| std::fs::read_to_string(path).is_ok_and(|held| held == text)) {
            return Ok(path);
        }
        let name = aside_name(now);
        self.replace(&name, text)?;
        self.prune()?;
        Ok(self.dir.join(name))
    }

    fn prune(&self) -> io::Result<()> {
        for path in set_aside_in(&self.dir)?.into_iter().skip(KEPT) {
            std::fs::remove_file(path)?;
        }
        Ok(())
    }

    /// Puts a whole file in place of whatever has that name: after a crash either is there, and whole.
    fn replace(&self, name: &str, text: &str) -> io::Result<()> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        let temporary = self.dir.join(format!("{name}.{}.tmp", std::process::id()));
        // A temporary file that a crash left has the rights it was made with.
        let _ = std::fs::remove_file(&temporary);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&temporary, self.dir.join(name))?;
        std::fs::File::open(&self.dir)?.sync_all()
    }
}

/// The files of a data directory from which documents can be recovered: the copy, then what was set aside, the newest first.
pub fn recoverable(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let copy = Some(dir.join(NAME)).filter(|path| path.exists());
    Ok(copy.into_iter().chain(set_aside_in(dir)?).collect())
}

/// What was set aside, the newest first: names sort by their time.
fn set_aside_in(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(ASIDE) && path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort_unstable_by(|one, other| other.cmp(one));
    Ok(paths)
}

/// `config-copy.before-20260410T095438.000Z.json`.
fn aside_name(now: Timestamp) -> String {
    let time: String = now.to_rfc3339().chars().take(23).filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{ASIDE}{time}Z.json")
}
