//! How much room there is.

use super::connection::Connection;
use render_signal::ledger::{Fullness, LedgerError};
use std::path::{Path, PathBuf};

/// How full the disk under the store is, as far as the store is concerned: what it uses of what it could use. Pages of the file
/// that hold nothing count as room: the file does not shrink when mails are removed, it is filled again.
pub(super) fn fullness(path: &Path, connection: &Connection) -> Result<Fullness, LedgerError> {
    let failed = |error: std::io::Error| LedgerError::Unavailable(format!("the disk could not be asked: {error}"));
    let taken = file_size(path).map_err(failed)? + file_size(&log(path)).unwrap_or(0);
    let folder = path.parent().unwrap_or(path);
    let disk = rustix::fs::statvfs(folder).map_err(|error| failed(error.into()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let used = taken.saturating_sub(connection.free_bytes()?);
    Ok(Fullness { used, limit: Some(taken.saturating_add(free)) })
}

/// The write-ahead log beside a database.
fn log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn file_size(path: &Path) -> Result<u64, std::io::Error> {
    Ok(std::fs::metadata(path)?.len())
}
