//! The part of the environment that is about where the configuration documents are kept.

use super::reader::Reader;
use super::{ApiToken, table, values};
use crate::delivery::{TargetUrl, UrlPolicy};

/// Where the configuration documents are kept, for servers that share a Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentStore {
    /// What the names of their keys in Redis begin with.
    pub prefix: String,
    /// Where they are written.
    pub primary: Primary,
}

/// Where the documents are written, and what answers reads while that does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Primary {
    /// Redis, then the external backend if there is one.
    Redis(Option<ExternalBackend>),
    /// The external backend, then Redis, which keeps the versions.
    External(ExternalBackend),
}

/// A store of documents behind HTTP, as the predecessor has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalBackend {
    /// The URL below which `config_api.php` lies.
    pub base: TargetUrl,
    /// The bearer token sent there.
    pub token: ApiToken,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum StoreMode {
    RedisFirst,
    PhpFirst,
}

impl DocumentStore {
    /// Reads the variables; that they go together is looked at only where they have an effect.
    pub(super) fn read(reader: &mut Reader<'_>, policy: &UrlPolicy) -> Self {
        let mode = reader.read(&table::CONFIG_STORE_MODE, values::store_mode).unwrap_or(StoreMode::RedisFirst);
        let prefix = reader.read(&table::CONFIG_STORE_REDIS_PREFIX, |text| Ok(text.to_owned())).unwrap_or_default();
        let base = reader.read(&table::EXTERNAL_CONFIG_BASE_URL, |text| values::backend(text, policy));
        let token = reader.read(&table::CONFIG_API_TOKEN, values::token);
        let shared = reader.is_set(&table::REDIS_URL);
        for variable in [
            &table::CONFIG_STORE_MODE,
            &table::CONFIG_STORE_REDIS_PREFIX,
            &table::EXTERNAL_CONFIG_BASE_URL,
            &table::CONFIG_API_TOKEN,
        ] {
            if !shared && reader.is_set(variable) {
                reader.warn_idle(variable, "has no effect without REDIS_URL");
            }
        }
        if shared {
            refuse_halves(reader, mode);
        }
        let external = base.zip(token).map(|(base, token)| ExternalBackend { base, token });
        let primary = match external {
            Some(external) if mode == StoreMode::PhpFirst => Primary::External(external),
            external => Primary::Redis(external),
        };
        Self { prefix, primary }
    }
}

fn refuse_halves(reader: &mut Reader<'_>, mode: StoreMode) {
    let has_base = reader.is_set(&table::EXTERNAL_CONFIG_BASE_URL);
    let has_token = reader.is_set(&table::CONFIG_API_TOKEN);
    if has_base && !has_token {
        reader.conflict(&table::EXTERNAL_CONFIG_BASE_URL, "is set without CONFIG_API_TOKEN");
    }
    if mode == StoreMode::PhpFirst && !has_base {
        reader.conflict(&table::CONFIG_STORE_MODE, "is php_first without EXTERNAL_CONFIG_BASE_URL");
    }
    if has_token && !has_base {
        reader.warn_idle(&table::CONFIG_API_TOKEN, "has no effect without EXTERNAL_CONFIG_BASE_URL");
    }
}
