//! The data directory, and being the only server on it.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Held while a server runs on a data directory; the system lets it go when the process ends, however it ends.
#[derive(Debug)]
pub struct DataDirLock {
    _file: File,
    database: PathBuf,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made, or written to.
    #[error("the data directory {path} cannot be used: {cause}")]
    Unusable {
        /// Which directory.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Another server runs on it.
    #[error("another server runs on the data directory {0}; stop it first, or set DATA_DIR to another one")]
    Taken(PathBuf),
}

impl DataDirLock {
    /// Makes the directory if it is not there, and takes it.
    pub fn take(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |cause| DataDirError::Unusable { path: path.to_owned(), cause };
        // Mails are in it, in clear: nobody but its owner reads it.
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("server.lock"))
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file, database: database(path) }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::Taken(path.to_owned())),
            Err(TryLockError::Error(cause)) => Err(unusable(cause)),
        }
    }

    /// The database file inside.
    pub fn database(&self) -> &Path {
        &self.database
    }
}

/// The database file of a data directory.
pub fn database(path: &Path) -> PathBuf {
    path.join("render-signal.db")
}
