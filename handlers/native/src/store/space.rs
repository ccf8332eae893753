//! How much room there is.

use render_signal::ledger::{Fullness, LedgerError};
use std::path::Path;

/// How full the disk under the store is, as far as the store is concerned: what it uses of what it could use.
pub(super) fn fullness(path: &Path) -> Result<Fullness, LedgerError> {
    let failed = |error: std::io::Error| LedgerError::Unavailable(format!("the disk could not be asked: {error}"));
    let used = file_size(path).map_err(failed)? + file_size(&path.with_extension("db-wal")).unwrap_or(0);
    let folder = path.parent().unwrap_or(path);
    let disk = rustix::fs::statvfs(folder).map_err(|error| failed(error.into()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    Ok(Fullness { used, limit: Some(used.saturating_add(free)) })
}

fn file_size(path: &Path) -> Result<u64, std::io::Error> {
    Ok(std::fs::metadata(path)?.len())
}
