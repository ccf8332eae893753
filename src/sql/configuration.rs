//! The configuration documents, with their former versions.

use super::{Param, Row, Sql, SqlError, Store};
use crate::config::DocumentKey;
use crate::ledger::LedgerError;
use crate::ports::{ConfigError, StoredDocument, Write};
use serde_json::Value;

/// Former versions kept of each document.
const KEPT_VERSIONS: i64 = 100;

impl From<LedgerError> for ConfigError {
    fn from(error: LedgerError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<SqlError> for ConfigError {
    fn from(error: SqlError) -> Self {
        Self::Unavailable(error.0)
    }
}

impl<S: Sql> Store<'_, S> {
    /// See [`crate::ports::ConfigStore::load`].
    pub fn load_documents(&self) -> Result<(u64, Vec<StoredDocument>), ConfigError> {
        let rows = self.sql.query(
            "SELECT k, version, value, at, author FROM documents d
             WHERE version = (SELECT max(version) FROM documents e WHERE e.k = d.k) ORDER BY k",
            &[],
        )?;
        // A key that this server does not know was written by a newer one: it is left alone.
        let known = rows.iter().filter(|row| row.parsed(0, DocumentKey::parse).is_ok());
        Ok((self.config_version()?, known.map(document).collect::<Result<_, _>>()?))
    }

    /// See [`crate::ports::ConfigStore::write`].
    pub fn write_document(&self, write: &Write) -> Result<StoredDocument, ConfigError> {
        let key = write.key.as_str();
        let rows = self.sql.query("SELECT max(version) FROM documents WHERE k = ?1", &[key.into()])?;
        let current = rows.first().map(|row| row.opt_int(0)).transpose()?.flatten().unwrap_or(0);
        if let Some(expected) = write.expected
            && i64::try_from(expected) != Ok(current)
        {
            return Err(ConfigError::Conflict { current: u64::try_from(current).unwrap_or(0) });
        }
        let version = current + 1;
        self.sql.query(
            "INSERT INTO documents(k, version, value, at, author) VALUES(?1, ?2, ?3, ?4, ?5)",
            &[
                key.into(),
                Param::Int(version),
                (&write.value.to_string()).into(),
                self.now.into(),
                (&write.author).into(),
            ],
        )?;
        self.sql.query(
            "DELETE FROM documents WHERE k = ?1 AND version <= ?2",
            &[key.into(), Param::Int(version - KEPT_VERSIONS)],
        )?;
        self.sql.query("UPDATE meta SET v = v + 1 WHERE k = 'config'", &[])?;
        Ok(StoredDocument {
            key: write.key,
            version: u64::try_from(version).unwrap_or(0),
            value: write.value.clone(),
            at: self.now,
            author: write.author.clone(),
        })
    }

    /// Learns, where the documents have a store of their own, that a version of them was given out. Returns the greatest
    /// version that is known.
    pub fn know_config(&self, version: u64) -> Result<u64, LedgerError> {
        self.sql.query("UPDATE meta SET v = ?1 WHERE k = 'config' AND v < ?1", &[number(version)?])?;
        self.config_version()
    }

    /// Makes the version of the whole greater than one that somebody knows although it was not given out here: these
    /// documents are older than the ledger's knowledge of them, or were made anew.
    pub fn outgrow_config(&self, version: u64) -> Result<(), ConfigError> {
        self.sql.query("UPDATE meta SET v = ?1 + 1 WHERE k = 'config' AND v < ?1", &[number(version)?])?;
        Ok(())
    }

    /// The version of the whole configuration.
    pub fn config_version(&self) -> Result<u64, LedgerError> {
        let rows = self.sql.query("SELECT v FROM meta WHERE k = 'config'", &[])?;
        let version =
            rows.first().ok_or_else(|| LedgerError::Corrupt("no configuration version".to_owned()))?.int(0)?;
        Ok(u64::try_from(version).unwrap_or(0))
    }
}

/// The greatest version: a Durable Object reads no greater number back, and a ledger that cannot read its version takes no mail.
const GREATEST: i64 = (1 << 53) - 2;

/// A version as it is stored.
pub(super) fn number(version: u64) -> Result<Param<'static>, LedgerError> {
    let stored = i64::try_from(version).ok().filter(|version| *version <= GREATEST);
    stored.map(Param::Int).ok_or_else(|| LedgerError::Corrupt(format!("no version: {version}")))
}

/// A document that is damaged is handed on as the text it holds, which its reader reports: it must not take the others with it.
fn document(row: &Row) -> Result<StoredDocument, ConfigError> {
    let text = row.text(2)?;
    Ok(StoredDocument {
        key: row.parsed(0, DocumentKey::parse)?,
        version: u64::try_from(row.int(1)?).unwrap_or(0),
        value: serde_json::from_slice(text.as_bytes()).unwrap_or(Value::String(text)),
        at: row.at(3)?,
        author: row.text(4)?,
    })
}
