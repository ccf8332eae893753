//! Who has heard of which version of the documents, where these have a store of their own.
//!
//! A write stands when it is committed. That others hear of it comes after and may fail; what is kept here tells whom to try
//! again. Nothing is sent from here.

use super::configuration::number;
use super::{Sql, Store};
use crate::ports::ConfigError;

/// Who hears of each version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// The ledger, which sends back decisions made with an older one.
    Ledger,
    /// The published copy, which is read when the documents' store does not answer.
    Copy,
}

impl Listener {
    const fn key(self) -> &'static str {
        match self {
            Self::Ledger => "told_ledger",
            Self::Copy => "told_copy",
        }
    }
}

impl<S: Sql> Store<'_, S> {
    /// The version of the documents that a listener has not heard of; `None` when it knows the newest. A listener that was
    /// never told anything has not heard of version 0 either.
    pub fn untold(&self, listener: Listener) -> Result<Option<u64>, ConfigError> {
        let current = self.config_version()?;
        let rows = self.sql.query("SELECT v FROM meta WHERE k = ?1", &[listener.key().into()])?;
        let known = rows.first().map(|row| row.int(0)).transpose()?.map(|known| u64::try_from(known).unwrap_or(0));
        Ok(Some(current).filter(|current| known.is_none_or(|known| known < *current)))
    }

    /// Notes that a listener has heard of a version.
    pub fn told(&self, listener: Listener, version: u64) -> Result<(), ConfigError> {
        self.sql.query(
            "INSERT INTO meta(k, v) VALUES(?1, ?2) ON CONFLICT(k) DO UPDATE SET v = excluded.v WHERE v < excluded.v",
            &[listener.key().into(), number(version)?],
        )?;
        Ok(())
    }
}
