//! Who makes the regular round, of the servers that share a store.

use crate::lock_file::LockFiles;
use crate::redis::{Link, RedisLock};
use crate::stores::Log;
use render_signal::flow::Post;
use render_signal::ports::{HeldLock, Level, Line, Lock, LockError};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The name of the lock, which is a key of Redis. The predecessor's poller held it for five minutes from its start: it is waited for.
const LOCK: &str = "render_signal:poller_lock";

/// How often a server that does not hold the lock asks for it.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// Who makes it.
#[derive(Debug)]
pub enum Turns {
    /// This server: the lock of the data directory proves that there is no other.
    Alone,
    /// Whoever holds the lock.
    Locked(PollerLock, Post),
}

impl Turns {
    /// Under a lock of Redis that a dead server keeps for `ttl` at most; `file` stands in for one that is refused.
    pub fn locked(link: Link, ttl: Duration, file: PathBuf, log: Log) -> Self {
        let lock = PollerLock {
            redis: RedisLock::new(link),
            file: LockFiles::new(vec![(LOCK, file)]),
            fallen_back: AtomicBool::new(false),
            log,
        };
        Self::Locked(lock, Post { lock: LOCK, work: "the background sweep", stage: "sweep", ttl, ask_every: ASK_EVERY })
    }
}

/// A lock of Redis, or a file once Redis has refused it: a user of it that may not touch the key. One that only does not answer is
/// waited for; the round has nothing to work on meanwhile.
pub struct PollerLock {
    redis: RedisLock,
    file: LockFiles,
    fallen_back: AtomicBool,
    log: Log,
}

impl std::fmt::Debug for PollerLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PollerLock").field("fallen_back", &self.fallen_back).finish_non_exhaustive()
    }
}

impl PollerLock {
    fn fall_back(&self, cause: &LockError) {
        if !self.fallen_back.swap(true, Ordering::Relaxed) {
            let msg = "LOCK: Using file-based lock (unsafe for multi-container deployments)";
            (self.log)(Line::new(Level::Warn, "sweep", cause.code(), msg).with_cause(cause));
        }
    }

    fn has_fallen_back(&self) -> bool {
        self.fallen_back.load(Ordering::Relaxed)
    }
}

impl Lock for PollerLock {
    async fn acquire(&self, name: &'static str, ttl: Duration) -> Result<Option<HeldLock>, LockError> {
        if !self.has_fallen_back() {
            match self.redis.acquire(name, ttl).await {
                Err(refused @ LockError::Refused(_)) => self.fall_back(&refused),
                answer => return answer,
            }
        }
        self.file.acquire(name, ttl).await
    }

    async fn renew(&self, held: &HeldLock, ttl: Duration) -> Result<bool, LockError> {
        if self.has_fallen_back() {
            return self.file.renew(held, ttl).await;
        }
        match self.redis.renew(held, ttl).await {
            // Lost: it is asked for again, and the file stands in then.
            Err(LockError::Refused(_)) => Ok(false),
            answer => answer,
        }
    }

    async fn release(&self, held: &HeldLock) -> Result<bool, LockError> {
        if self.has_fallen_back() { self.file.release(held).await } else { self.redis.release(held).await }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::server::{DURABLE, RedisServer};
    use std::sync::{Arc, Mutex};

    const TTL: Duration = Duration::from_mins(1);

    /// A process of a user who may not touch the key, and what it has logged.
    async fn limited(redis: &RedisServer, file: PathBuf) -> (PollerLock, Arc<Mutex<Vec<String>>>) {
        let url = format!("unix://{}?user=limited&pass=secret", redis.socket().display());
        let said = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&said);
        let log: Log = Arc::new(move |line| kept.lock().unwrap().push(line.msg));
        let turns = Turns::locked(Link::open(&url).await.unwrap(), TTL, file, log);
        let Turns::Locked(lock, _) = turns else { panic!("it is shared") };
        (lock, said)
    }

    #[tokio::test]
    async fn a_file_stands_in_for_a_lock_that_redis_refuses() {
        let redis = RedisServer::start(DURABLE);
        let () = redis.ask(&["ACL", "SETUSER", "limited", "on", ">secret", "~r:ss:*", "&r:ss:*", "+@all"]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data").join("poller.lock");
        let (one, said) = limited(&redis, file.clone()).await;
        let (other, _) = limited(&redis, file).await;
        let held = one.acquire(LOCK, TTL).await.unwrap().unwrap();
        assert_eq!(other.acquire(LOCK, TTL).await, Ok(None), "on one machine the file tells them apart");
        assert_eq!(one.renew(&held, TTL).await, Ok(true));
        assert_eq!(one.release(&held).await, Ok(true));
        assert!(other.acquire(LOCK, TTL).await.unwrap().is_some());
        assert_eq!(one.acquire(LOCK, TTL).await, Ok(None));
        let said = said.lock().unwrap().clone();
        assert_eq!(said, ["LOCK: Using file-based lock (unsafe for multi-container deployments)"], "once");
    }

    #[tokio::test]
    async fn a_redis_that_does_not_answer_is_waited_for() {
        let redis = RedisServer::start(DURABLE);
        let () = redis.ask(&["ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all"]);
        let folder = tempfile::tempdir().unwrap();
        let (lock, said) = limited(&redis, folder.path().join("poller.lock")).await;
        redis.kill();
        assert!(matches!(lock.acquire(LOCK, TTL).await, Err(LockError::Unavailable(_))));
        assert!(said.lock().unwrap().is_empty());
    }
}
