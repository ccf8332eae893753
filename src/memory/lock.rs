//! Locks that end by virtual time.

use super::faults::{Call, Faults};
use super::{MemoryClock, locked};
use crate::calendar::Timestamp;
use crate::ports::{Clock as _, HeldLock, Lock, LockError};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Locks that its clones share.
#[derive(Debug, Clone)]
pub struct MemoryLock {
    state: Arc<Mutex<State>>,
    clock: MemoryClock,
    faults: Arc<Faults>,
}

#[derive(Debug, Default)]
struct State {
    /// Who holds what, and until when.
    held: HashMap<&'static str, (String, Timestamp)>,
    given: u64,
}

impl MemoryLock {
    /// Locks that nobody holds.
    pub fn new(clock: MemoryClock, faults: Arc<Faults>) -> Self {
        Self { state: Arc::default(), clock, faults }
    }

    /// Gives a lock to somebody who is not of this program.
    pub fn give(&self, name: &'static str, token: &str, ttl: Duration) {
        let until = self.clock.now().plus(ttl);
        locked(&self.state).held.insert(name, (token.to_owned(), until));
    }

    async fn around<T>(&self, call: Call, work: impl Future<Output = T>) -> Result<T, LockError> {
        let error = |_| LockError::Unavailable("planned".to_owned());
        self.faults.around(call, error, async { Ok(work.await) }).await
    }
}

impl Lock for MemoryLock {
    async fn acquire(&self, name: &'static str, ttl: Duration) -> Result<Option<HeldLock>, LockError> {
        let acquire = async {
            let now = self.clock.now();
            locked(&self.state).acquire(name, now, now.plus(ttl))
        };
        self.around(Call::AcquireLock, acquire).await
    }

    async fn renew(&self, held: &HeldLock, ttl: Duration) -> Result<bool, LockError> {
        let renew = async {
            let now = self.clock.now();
            locked(&self.state).own(held, now).map(|until| *until = now.plus(ttl)).is_some()
        };
        self.around(Call::RenewLock, renew).await
    }

    async fn release(&self, held: &HeldLock) -> Result<bool, LockError> {
        let release = async {
            let now = self.clock.now();
            let mut state = locked(&self.state);
            let own = state.own(held, now).is_some();
            if own {
                state.held.remove(held.name);
            }
            own
        };
        self.around(Call::ReleaseLock, release).await
    }
}

impl State {
    fn acquire(&mut self, name: &'static str, now: Timestamp, until: Timestamp) -> Option<HeldLock> {
        if self.held.get(name).is_some_and(|(_, until)| *until > now) {
            return None;
        }
        self.given += 1;
        let token = format!("memory-{}", self.given);
        self.held.insert(name, (token.clone(), until));
        Some(HeldLock { name, token })
    }

    /// When a lock ends, if it is held by this holder.
    fn own(&mut self, held: &HeldLock, now: Timestamp) -> Option<&mut Timestamp> {
        let (token, until) = self.held.get_mut(held.name)?;
        (*token == held.token && *until > now).then_some(until)
    }
}
