//! Doing something in one process at a time, of all that share a store.
//!
//! It knows nothing of what is done. Two may do it at once for a moment, when a holder was stopped and does not know yet that it
//! lost the lock; see [`Lock`].

use crate::ports::{Clock, HeldLock, Home, Journal, Level, Line, Lock, LockError};
use core::convert::Infallible;
use core::pin::{Pin, pin};
use core::time::Duration;
use futures_util::future::{Either, select};

/// Which lock somebody does something under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Post {
    /// Its name.
    pub lock: &'static str,
    /// What is done under it, as a sentence of the log names it.
    pub work: &'static str,
    /// The step of its log lines.
    pub stage: &'static str,
    /// How long it is held without a renewal: the longest time that nobody does it after its holder died. It is renewed at a third.
    pub ttl: Duration,
    /// How often one who does not hold it asks for it.
    pub ask_every: Duration,
}

/// Does `work` while this process holds the lock of `post`, until `stop` is done; then it lets the lock go. Work is dropped at an
/// `await` when a renewal is not confirmed, and begins anew when it is, or when the lock is taken again.
pub async fn alone<H: Home, L: Lock, W: Future<Output = Infallible>>(
    home: &H,
    lock: &L,
    post: Post,
    work: impl Fn() -> W,
    stop: impl Future<Output = ()>,
) {
    let mut stop = pin!(stop);
    let mut holder = Holder { home, lock, post, outage: Outage::None };
    while let Some(held) = holder.take(&mut stop).await {
        if holder.keep(&held, &work, &mut stop).await == Turn::Stopped {
            holder.let_go(&held).await;
            return;
        }
    }
}

/// Why somebody does no longer what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// The lock is another's, or nobody's.
    Lost,
    /// It was asked to stop.
    Stopped,
}

/// Whether it has been said that the lock cannot be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outage {
    None,
    Told,
}

struct Holder<'a, H, L> {
    home: &'a H,
    lock: &'a L,
    post: Post,
    outage: Outage,
}

impl<H: Home, L: Lock> Holder<'_, H, L> {
    /// Returns once the lock is held; `None` when it is to stop.
    async fn take(&mut self, stop: &mut Pin<&mut impl Future<Output = ()>>) -> Option<HeldLock> {
        loop {
            // Never cut off: a lock that was taken and forgotten would keep everybody waiting.
            let acquired = self.lock.acquire(self.post.lock, self.post.ttl).await;
            match self.told(acquired) {
                Some(Some(held)) => {
                    self.say(Level::Info, "lock_taken", format!("LOCK: {} runs in this process now", self.post.work));
                    return Some(held);
                }
                Some(None) | None => self.wait(self.post.ask_every, stop).await.ok()?,
            }
        }
    }

    /// Does the work while the lock is confirmed.
    async fn keep<W: Future<Output = Infallible>>(
        &mut self,
        held: &HeldLock,
        work: &impl Fn() -> W,
        stop: &mut Pin<&mut impl Future<Output = ()>>,
    ) -> Turn {
        loop {
            if let Err(turn) = self.work_while_confirmed(held, work(), stop).await {
                return turn;
            }
            if let Err(turn) = self.confirm_again(held, stop).await {
                return turn;
            }
        }
    }

    /// Returns with the first renewal that is not answered.
    async fn work_while_confirmed(
        &mut self,
        held: &HeldLock,
        work: impl Future<Output = Infallible>,
        stop: &mut Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Turn> {
        let mut work = pin!(work);
        loop {
            let third = self.wait(self.post.ttl / 3, stop);
            match select(work.as_mut(), pin!(third)).await {
                Either::Left((never, _)) => match never {},
                Either::Right((waited, _)) => waited?,
            }
            if self.renew(held).await?.is_none() {
                return Ok(());
            }
        }
    }

    /// Returns once a renewal is answered again.
    async fn confirm_again(
        &mut self,
        held: &HeldLock,
        stop: &mut Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), Turn> {
        loop {
            self.wait(self.post.ask_every, stop).await?;
            if self.renew(held).await?.is_some() {
                return Ok(());
            }
        }
    }

    /// `None` when it cannot be known.
    async fn renew(&mut self, held: &HeldLock) -> Result<Option<()>, Turn> {
        let renewed = self.lock.renew(held, self.post.ttl).await;
        match self.told(renewed) {
            Some(true) => Ok(Some(())),
            Some(false) => {
                self.say(Level::Warn, "lock_lost", format!("LOCK: lost; {} stops in this process", self.post.work));
                Err(Turn::Lost)
            }
            None => Ok(None),
        }
    }

    async fn let_go(&mut self, held: &HeldLock) {
        let released = self.lock.release(held).await;
        self.told(released);
    }

    async fn wait(&self, time: Duration, stop: &mut Pin<&mut impl Future<Output = ()>>) -> Result<(), Turn> {
        match select(pin!(self.home.clock().sleep(time)), stop).await {
            Either::Left(_) => Ok(()),
            Either::Right(_) => Err(Turn::Stopped),
        }
    }

    /// The answer; of an outage, only its beginning is logged.
    fn told<T>(&mut self, answer: Result<T, LockError>) -> Option<T> {
        match answer {
            Ok(answer) => {
                self.outage = Outage::None;
                Some(answer)
            }
            Err(error) => {
                if self.outage == Outage::None {
                    let line = Line::new(Level::Warn, self.post.stage, error.code(), "LOCK: it cannot be asked about");
                    self.home.journal().log(line.with_cause(&error));
                }
                self.outage = Outage::Told;
                None
            }
        }
    }

    fn say(&self, level: Level, code: &'static str, msg: String) {
        self.home.journal().log(Line::new(level, self.post.stage, code, msg));
    }
}
