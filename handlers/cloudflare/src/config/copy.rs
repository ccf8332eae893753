//! The copy of the documents in KV: one value, which may lag a minute behind.

use crate::system::within;
use core::time::Duration;
use render_signal::config::read_copy;
use render_signal::ports::{ConfigError, Loaded};
use worker::{Env, kv::KvError};

const BINDING: &str = "CONFIG_KV";
const KEY: &str = "config";

/// A KV that hangs must not hold its caller.
const DEADLINE: Duration = Duration::from_secs(1);

/// How long a place of Cloudflare's may answer from its own cache: the least that KV allows, in seconds.
const CACHED: u64 = 30;

/// Reads the copy, because of `cause`.
pub(super) async fn read(env: &Env, cause: String) -> Result<Loaded, ConfigError> {
    let text = async {
        let kv = env.kv(BINDING).map_err(unavailable)?;
        let text = kv.get(KEY).cache_ttl(CACHED).text().await.map_err(|error: KvError| unavailable(error))?;
        text.ok_or_else(|| unavailable("there is none"))
    };
    let text = within(DEADLINE, text).await.unwrap_or_else(|| Err(unavailable("KV did not answer in time")))?;
    read_copy(&text, cause)
}

/// Replaces the copy. Always text: KV would keep `{}` of a JSON value.
pub(super) async fn write(env: &Env, text: String) -> Result<(), String> {
    let put = async {
        let kv = env.kv(BINDING).map_err(|error| error.to_string())?;
        kv.put(KEY, text).map_err(|error| error.to_string())?.execute().await.map_err(|error| error.to_string())
    };
    within(DEADLINE * 5, put).await.unwrap_or_else(|| Err("KV did not answer in time".to_owned()))
}

fn unavailable(error: impl core::fmt::Display) -> ConfigError {
    ConfigError::Unavailable(format!("its copy: {error}"))
}
