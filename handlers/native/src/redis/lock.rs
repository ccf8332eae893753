//! Locks that are keys of Redis, which ends them by itself.
//!
//! A key holds its holder's token. Taking it is a script and not a bare `SET`, because the round under the lock is what makes room
//! in a store that is full: it must not be refused there.

use super::{Link, LinkError};
use crate::system::SystemEntropy;
use redis::{FromRedisValue as _, Script, ScriptInvocation};
use render_signal::ports::{HeldLock, Lock, LockError};
use std::sync::Arc;
use std::time::Duration;

/// The locks of a Redis. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RedisLock {
    link: Link,
    scripts: Arc<Scripts>,
}

#[derive(Debug)]
struct Scripts {
    acquire: Script,
    renew: Script,
    release: Script,
}

impl RedisLock {
    /// The locks behind a link.
    pub fn new(link: Link) -> Self {
        let script = |text| Script::new(&format!("#!lua flags=allow-oom\n{text}"));
        let scripts = Scripts {
            acquire: script(include_str!("lua/lock_acquire.lua")),
            renew: script(include_str!("lua/lock_renew.lua")),
            release: script(include_str!("lua/lock_release.lua")),
        };
        Self { link, scripts: Arc::new(scripts) }
    }

    /// Whether the script did what it is for.
    async fn did(&self, call: &ScriptInvocation<'_>) -> Result<bool, LockError> {
        let answer = self.link.run(call).await?;
        i64::from_redis_value(answer)
            .map(|count| count > 0)
            .map_err(|error| LockError::Unavailable(format!("Redis answered {error}")))
    }
}

impl Lock for RedisLock {
    async fn acquire(&self, name: &'static str, ttl: Duration) -> Result<Option<HeldLock>, LockError> {
        let token = SystemEntropy::token().map_err(|error| LockError::Unavailable(error.to_string()))?;
        let mut call = self.scripts.acquire.key(name);
        call.arg(&token).arg(millis(ttl));
        Ok(self.did(&call).await?.then_some(HeldLock { name, token }))
    }

    async fn renew(&self, held: &HeldLock, ttl: Duration) -> Result<bool, LockError> {
        let mut call = self.scripts.renew.key(held.name);
        call.arg(&held.token).arg(millis(ttl));
        self.did(&call).await
    }

    async fn release(&self, held: &HeldLock) -> Result<bool, LockError> {
        let mut call = self.scripts.release.key(held.name);
        call.arg(&held.token);
        self.did(&call).await
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

impl From<LinkError> for LockError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Refused(cause) | LinkError::Unexpected(cause) => Self::Refused(cause),
            LinkError::Unavailable(_) | LinkError::Newer | LinkError::Full => Self::Unavailable(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
