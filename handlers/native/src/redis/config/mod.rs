//! The configuration documents on Redis, side by side with containers of the predecessor.
//!
//! | part | what it keeps |
//! |---|---|
//! | `plain` | the documents where the predecessor has them, as plain JSON texts; their versions lie beside, where it does not look |
//! | `external` | the documents of an HTTP backend, with their versions in Redis |
//! | `copy` | what the primary held at the last look, in a file |
//!
//! Reading falls from the primary to the other store to the file, and says so. Falling is for a store that does not answer: what the
//! primary says it does not have is not there. Writing never falls.

mod copy;
mod external;
mod loads;
mod plain;
mod row;
mod steps;

#[cfg(test)]
mod tests;

pub use copy::{LocalCopy, recoverable};
pub use external::ExternalClient;

use crate::fetch::Sender;
use crate::redis::{Link, Log, StoreTime};
use crate::system::SystemClock;
use copy::Aside;
use external::{ExternalDocuments, Reading};
use loads::Loads;
use plain::PlainDocuments;
use render_signal::config::settings::{DocumentStore, Primary};
use render_signal::delivery::UrlPolicy;
use render_signal::ports::{ConfigError, ConfigStore, Level, Line, Loaded, Origin, StoredDocument, Write};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use steps::Steps;

/// The documents of a prefix.
#[derive(Debug)]
pub struct RedisConfig {
    documents: Box<Documents>,
    copy: Option<Arc<Copy>>,
    loads: Loads,
}

/// Where the documents are.
#[derive(Debug)]
enum Documents {
    /// In Redis, and perhaps in a backend that nobody here writes.
    Plain(PlainDocuments, Option<ExternalClient>),
    /// In the backend.
    External(ExternalDocuments),
}

/// The copy, and where its keeping is told.
struct Copy {
    file: LocalCopy,
    log: Log,
    /// Whether it could not be written the last time.
    failing: AtomicBool,
}

/// The key that holds the version of the whole configuration, a decimal number; it is not there before the first document.
pub fn version_key(prefix: &str) -> String {
    format!("{prefix}{{hist}}:version")
}

impl RedisConfig {
    /// The documents under `prefix`, in Redis alone.
    pub fn new(link: Link, prefix: &str, time: StoreTime) -> Self {
        let documents = PlainDocuments::new(Steps::new(link, prefix, time));
        Self { documents: Box::new(Documents::Plain(documents, None)), copy: None, loads: Loads::default() }
    }

    /// The documents where the settings say they are. A backend is asked by `sender`, under the rules of targets.
    pub fn of(store: &DocumentStore, link: Link, time: StoreTime, sender: Sender, policy: UrlPolicy) -> Self {
        let steps = Steps::new(link, &store.prefix, time);
        let client = |backend: &_| ExternalClient::new(sender, Clone::clone(backend), policy);
        let documents = match &store.primary {
            Primary::Redis(fallback) => Documents::Plain(PlainDocuments::new(steps), fallback.as_ref().map(client)),
            Primary::External(backend) => Documents::External(ExternalDocuments::new(client(backend), steps)),
        };
        Self { documents: Box::new(documents), copy: None, loads: Loads::default() }
    }

    /// The same, with a copy that is read while no store answers, and kept up to date. It belongs to the server of a data directory:
    /// a command beside it has none.
    #[must_use]
    pub fn with_copy(self, file: LocalCopy, log: Log) -> Self {
        let copy = Copy { file, log, failing: AtomicBool::new(false) };
        Self { copy: Some(Arc::new(copy)), ..self }
    }

    async fn look(&self) -> Result<Loaded, ConfigError> {
        match self.look_at_stores().await {
            Ok(loaded) => {
                if loaded.origin == Origin::Primary {
                    self.keep(&loaded).await;
                }
                Ok(loaded)
            }
            Err(ConfigError::Unavailable(cause)) => self.read_copy(cause),
            Err(error) => Err(error),
        }
    }

    async fn look_at_stores(&self) -> Result<Loaded, ConfigError> {
        let (version, documents, origin) = match &*self.documents {
            Documents::Plain(plain, fallback) => match (plain.load().await, fallback) {
                (Ok((version, documents)), _) => (version, documents, Origin::Primary),
                (Err(error), Some(backend)) => return self.fall(backend, error).await,
                (Err(error), None) => return Err(error),
            },
            Documents::External(external) => match external.load().await? {
                Reading::Whole(version, documents) => (version, documents, Origin::Primary),
                Reading::Recorded(version, documents, cause) => (version, documents, Origin::Copy { cause }),
                // Without a version of the whole: the ledger sends every decision back that was made with it.
                Reading::Unversioned(documents, cause) => (0, documents, Origin::Copy { cause }),
            },
        };
        Ok(Loaded { version, documents, origin })
    }

    /// The backend's documents while Redis does not answer. A document that it never had is looked for in the file.
    async fn fall(&self, backend: &ExternalClient, error: ConfigError) -> Result<Loaded, ConfigError> {
        let documents = backend.documents().await;
        let mut documents = documents.map_err(|backend| ConfigError::Unavailable(format!("{error}; {backend}")))?;
        if documents.is_empty() {
            return Err(error);
        }
        if let Ok(copy) = self.read_copy(error.to_string()) {
            let has = |key| documents.iter().any(|document| document.key == key);
            let missing: Vec<_> = copy.documents.into_iter().filter(|document| !has(document.key)).collect();
            documents.extend(missing);
        }
        Ok(Loaded { version: 0, documents, origin: Origin::Copy { cause: error.to_string() } })
    }

    fn read_copy(&self, cause: String) -> Result<Loaded, ConfigError> {
        let read = self.copy.as_ref().and_then(|copy| copy.file.read(cause.clone()));
        read.unwrap_or(Err(ConfigError::Unavailable(cause)))
    }

    /// A copy that cannot be kept stops nothing.
    async fn keep(&self, loaded: &Loaded) {
        let Some(copy) = self.copy.clone() else { return };
        let loaded = loaded.clone();
        let kept = move || copy.keep(&loaded);
        let _ = tokio::task::spawn_blocking(kept).await;
    }
}

impl ConfigStore for RedisConfig {
    async fn load(&self) -> Result<Loaded, ConfigError> {
        self.loads.share(async || self.look().await).await
    }

    async fn write(&self, write: Write) -> Result<StoredDocument, ConfigError> {
        let written = match &*self.documents {
            Documents::Plain(plain, _) => plain.write(write).await,
            Documents::External(external) => external.write(write).await,
        }?;
        if self.copy.is_some() {
            // For the copy: what the write itself answers is only one document.
            let _ = self.load().await;
        }
        Ok(written)
    }
}

impl Copy {
    fn keep(&self, loaded: &Loaded) {
        match self.file.keep(loaded.version, &loaded.documents, SystemClock::time()) {
            Ok(aside) => {
                self.failing.store(false, Ordering::Relaxed);
                if let Some(aside) = aside {
                    self.tell(&aside);
                }
            }
            Err(cause) => self.tell_failing(&cause),
        }
    }

    fn tell(&self, aside: &Aside) {
        let (path, gone) = (aside.path.display(), names(aside));
        let (level, code, msg) = match (aside.emptied, gone.is_empty()) {
            (true, _) => (
                Level::Error,
                "config_emptied",
                format!(
                    "CFG: the configuration store is empty; what it held is kept in {path}: `render-signal config recover` writes it back"
                ),
            ),
            (false, false) => (
                Level::Warn,
                "config_gone",
                format!(
                    "CFG: the configuration store has {gone} no longer; kept in {path}: `render-signal config recover` writes it back"
                ),
            ),
            (false, true) => (
                Level::Warn,
                "config_older",
                format!(
                    "CFG: the configuration store went back to an older state; what it held before is kept in {path}"
                ),
            ),
        };
        (self.log)(Line::new(level, "config", code, msg));
    }

    fn tell_failing(&self, cause: &io::Error) {
        if !self.failing.swap(true, Ordering::Relaxed) {
            let msg = "CFG: the copy of the configuration cannot be kept";
            (self.log)(Line::new(Level::Warn, "config", "config_copy_failed", msg).with_cause(cause));
        }
    }
}

fn names(aside: &Aside) -> String {
    aside.gone.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ")
}

impl std::fmt::Debug for Copy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Copy").field("file", &self.file).finish_non_exhaustive()
    }
}
