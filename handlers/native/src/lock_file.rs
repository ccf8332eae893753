//! Locks that are files: for the processes of one machine.
//!
//! The system lets a lock go when its process ends, however that ends, so that it needs no time to live.

use crate::system::SystemEntropy;
use render_signal::ports::{HeldLock, Lock, LockError};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Locks, each with a file.
#[derive(Debug)]
pub(crate) struct LockFiles {
    files: Vec<(&'static str, PathBuf)>,
    held: Mutex<HashMap<&'static str, (String, File)>>,
}

impl LockFiles {
    /// These locks and no others. A file is made when its lock is taken, and stays.
    pub(crate) fn new(files: Vec<(&'static str, PathBuf)>) -> Self {
        Self { files, held: Mutex::default() }
    }

    fn take(&self, name: &'static str) -> Result<Option<HeldLock>, LockError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.contains_key(name) {
            return Ok(None);
        }
        let path = self.files.iter().find(|(known, _)| *known == name).map(|(_, path)| path);
        let path = path.ok_or_else(|| LockError::Refused(format!("{name} has no file")))?;
        let Some(file) = locked(path).map_err(|cause| LockError::Refused(format!("{}: {cause}", path.display())))?
        else {
            return Ok(None);
        };
        let token = SystemEntropy::token().map_err(|error| LockError::Unavailable(error.to_string()))?;
        held.insert(name, (token.clone(), file));
        Ok(Some(HeldLock { name, token }))
    }

    fn is_own(&self, held: &HeldLock) -> bool {
        let all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(held.name).is_some_and(|(token, _)| *token == held.token)
    }
}

/// The file, if nobody else has it.
fn locked(path: &Path) -> Result<Option<File>, std::io::Error> {
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(cause)) => return Err(cause),
    }
    // For people who wonder; nothing reads it.
    file.set_len(0)?;
    writeln!(file, "pid={}", std::process::id())?;
    Ok(Some(file))
}

impl Lock for LockFiles {
    async fn acquire(&self, name: &'static str, _ttl: Duration) -> Result<Option<HeldLock>, LockError> {
        self.take(name)
    }

    async fn renew(&self, held: &HeldLock, _ttl: Duration) -> Result<bool, LockError> {
        Ok(self.is_own(held))
    }

    async fn release(&self, held: &HeldLock) -> Result<bool, LockError> {
        let own = self.is_own(held);
        if own {
            // The lock goes with the last handle of its file.
            self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(held.name);
        }
        Ok(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use render_signal::contract::{LockSubject, lock_cases};

    struct Folder(tempfile::TempDir);

    impl LockSubject for Folder {
        type Lock = LockFiles;

        async fn process(&self) -> LockFiles {
            let file = |name: &str| self.0.path().join(name);
            LockFiles::new(vec![("contract", file("a")), ("contract-other", file("b"))])
        }

        async fn wait(&self, _time: Duration) {}
    }

    #[tokio::test]
    async fn every_promise_of_the_contract_is_kept() {
        for case in lock_cases() {
            println!("{}", case.name);
            case.run(&Folder(tempfile::tempdir().unwrap())).await;
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_made_is_a_refusal() {
        let locks = LockFiles::new(vec![("a", PathBuf::from("/proc/nowhere/a"))]);
        assert!(matches!(locks.acquire("a", Duration::ZERO).await, Err(LockError::Refused(_))));
        assert!(matches!(locks.acquire("b", Duration::ZERO).await, Err(LockError::Refused(_))));
    }
}
