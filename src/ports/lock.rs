//! Being the only process that does something.

use core::time::Duration;

/// Named locks over all processes that share a store. Each is held for a time and ends by itself when its holder does not renew
/// it, so that a process that died keeps nobody waiting for longer than that.
///
/// **A lock saves work, it protects nothing**: a holder that was stopped for a while believes for a moment that it still holds it.
/// Whatever runs under it must be harmless when two do it; what must not happen twice is a step of the [`Ledger`](super::Ledger).
///
/// **Idempotence:** none for `acquire`, whose repetition finds the lock taken; `renew` and `release` may be repeated.
/// **Failure:** after an error nothing is known; a lock that was taken all the same ends by itself. **Cost:** one round trip.
pub trait Lock {
    /// Takes a lock for `ttl`, unless somebody holds it: then `None`, at once.
    async fn acquire(&self, name: &'static str, ttl: Duration) -> Result<Option<HeldLock>, LockError>;

    /// Holds it for another `ttl` from now. `false`: it is no longer this holder's.
    async fn renew(&self, held: &HeldLock, ttl: Duration) -> Result<bool, LockError>;

    /// Lets it go, if it is still this holder's; `false` when it was not, and then nothing has changed.
    async fn release(&self, held: &HeldLock) -> Result<bool, LockError>;
}

/// A lock that was taken. Dropping it does not let it go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLock {
    /// Which lock.
    pub name: &'static str,
    /// What tells this holder from every other one, and from itself an hour ago.
    pub token: String,
}

/// Why a lock could not be asked about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Where it is kept does not answer. Worth another try later.
    #[error("the lock cannot be asked: {0}")]
    Unavailable(String),
    /// It answers that this is not allowed, or not possible: trying again helps only once somebody has changed something.
    #[error("the lock is refused: {0}")]
    Refused(String),
}

impl LockError {
    /// The stable code of the failure.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "lock_unavailable",
            Self::Refused(_) => "lock_refused",
        }
    }
}
