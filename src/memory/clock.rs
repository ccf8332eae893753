//! Virtual time.

use super::faults::{Call, Faults};
use super::locked;
use crate::calendar::Timestamp;
use crate::ports::Clock;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// How virtual time passes while somebody sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// When nobody has anything left to do but sleep, it jumps to the end of the shortest sleep. A future that only sleeps
    /// and calls the ports of memory therefore never waits, whatever executor runs it.
    ByItself,
    /// Only [`MemoryClock::advance`] and [`MemoryClock::set`] move it.
    ByHand,
}

/// A clock that its clones share.
#[derive(Debug, Clone)]
pub struct MemoryClock {
    time: Arc<Mutex<Time>>,
    faults: Arc<Faults>,
}

#[derive(Debug)]
struct Time {
    now: Timestamp,
    passing: Passing,
    /// Who sleeps until when, in the order in which they fell asleep.
    sleepers: BTreeMap<u64, (Timestamp, Waker)>,
    last: u64,
    /// Counts what happened: time moved, somebody fell asleep, somebody woke.
    news: u64,
}

impl MemoryClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp, passing: Passing, faults: Arc<Faults>) -> Self {
        Self { time: Arc::new(Mutex::new(Time { now, passing, sleepers: BTreeMap::new(), last: 0, news: 0 })), faults }
    }

    /// Moves time forward. Whoever's sleep is over wakes.
    pub fn advance(&self, by: Duration) {
        let to = locked(&self.time).now.plus(by);
        self.set(to);
    }

    /// Sets the time, backward too.
    pub fn set(&self, now: Timestamp) {
        locked(&self.time).move_to(now);
    }
}

impl Clock for MemoryClock {
    fn now(&self) -> Timestamp {
        locked(&self.time).now
    }

    async fn sleep(&self, time: Duration) {
        let until = self.now().plus(time);
        let sleep = Sleep { time: &self.time, until, id: None, seen: 0 };
        self.faults.pass(Call::Sleep, sleep).await;
    }
}

impl Time {
    fn move_to(&mut self, now: Timestamp) {
        self.now = now;
        self.news += 1;
        for (_, waker) in self.sleepers.values() {
            waker.wake_by_ref();
        }
    }

    /// Whether no other sleep ends before this one; of two that end together, the one begun first.
    fn is_next(&self, id: u64) -> bool {
        let next = self.sleepers.iter().min_by_key(|(id, (until, _))| (*until, **id));
        next.is_some_and(|(next, _)| *next == id)
    }
}

/// One sleep. It lets time pass only when nothing has happened since it was polled before, so that everything else that is
/// polled with it got its turn.
struct Sleep<'a> {
    time: &'a Mutex<Time>,
    until: Timestamp,
    id: Option<u64>,
    /// The news at the last poll.
    seen: u64,
}

impl Sleep<'_> {
    /// The number of this sleep; the first call lies down.
    fn lie_down(&mut self, time: &mut Time) -> u64 {
        *self.id.get_or_insert_with(|| {
            time.last += 1;
            time.news += 1;
            time.last
        })
    }
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (shared, until) = (self.time, self.until);
        let mut time = locked(shared);
        let by_itself = time.passing == Passing::ByItself;
        if let Some(id) = self.id
            && by_itself
            && self.seen == time.news
            && time.is_next(id)
        {
            time.move_to(until);
        }
        if time.now >= until {
            return Poll::Ready(());
        }
        let id = self.lie_down(&mut time);
        time.sleepers.insert(id, (until, cx.waker().clone()));
        self.seen = time.news;
        if by_itself {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            let mut time = locked(self.time);
            time.sleepers.remove(&id);
            time.news += 1;
        }
    }
}
