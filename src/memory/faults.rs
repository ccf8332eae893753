//! Faults on command: which port call fails, and which one is the process's last.

use super::locked;
use std::collections::HashMap;
use std::sync::Mutex;

/// A port call that can wait, and so fail or be cut off at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the port's method of that name")]
pub enum Call {
    Admit,
    LeaseDue,
    Renew,
    Plan,
    Record,
    Release,
    Replay,
    Dismiss,
    Sweep,
    Life,
    LifeOfDelivery,
    List,
    Stats,
    Fullness,
    LoadConfig,
    WriteConfig,
    Send,
    Nudge,
    Sleep,
    Reverse,
    Forward,
    AcquireLock,
    RenewLock,
    ReleaseLock,
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Before the call had any effect.
    Before,
    /// After it had all of it: an error is reported, and the data is written.
    After,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The call reports an error, where the port has one; a nudge is lost, and a sleep is not touched.
    Fail(Side),
    /// The process dies here: this call and every later one never returns, until [`Faults::revive`].
    Cut(Side),
    /// This call never returns; the others do.
    Hang(Side),
}

impl Fault {
    const fn side(self) -> Side {
        match self {
            Self::Fail(side) | Self::Cut(side) | Self::Hang(side) => side,
        }
    }
}

/// Counts the calls of a home's ports and lets the planned ones go wrong.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    counts: HashMap<Call, usize>,
    planned: Vec<(Which, Fault)>,
    dead: bool,
}

#[derive(Debug, Clone, Copy)]
enum Which {
    /// The call of this number, counted from 0.
    Nth(usize),
    /// The n-th call of one method, counted from 0.
    NthOf(Call, usize),
    /// Every call of one method.
    Every(Call),
}

impl Faults {
    /// Plans a fault for the call of number `n`, counted from 0 since the last [`clear`](Self::clear).
    pub fn at(&self, n: usize, fault: Fault) {
        locked(&self.state).planned.push((Which::Nth(n), fault));
    }

    /// Plans a fault for the `n`-th call of one method, counted from 0.
    pub fn at_call(&self, call: Call, n: usize, fault: Fault) {
        locked(&self.state).planned.push((Which::NthOf(call, n), fault));
    }

    /// Plans a fault for every call of one method: an outage.
    pub fn every(&self, call: Call, fault: Fault) {
        locked(&self.state).planned.push((Which::Every(call), fault));
    }

    /// Forgets the calls so far and every plan, and revives.
    pub fn clear(&self) {
        *locked(&self.state) = State::default();
    }

    /// Lets calls return again after a cut: what runs from now on is another process.
    pub fn revive(&self) {
        locked(&self.state).dead = false;
    }

    /// The calls since the last [`clear`](Self::clear), in order.
    pub fn calls(&self) -> Vec<Call> {
        locked(&self.state).calls.clone()
    }

    /// Runs `flow` until it ends, or drops it where a [`Fault::Cut`] struck, as an isolate's death would: no code of it
    /// runs after that call. `None` when it was cut.
    pub async fn until_cut<F: Future>(&self, flow: F) -> Option<F::Output> {
        let mut flow = core::pin::pin!(flow);
        core::future::poll_fn(|cx| match flow.as_mut().poll(cx) {
            core::task::Poll::Pending if locked(&self.state).dead => core::task::Poll::Ready(None),
            polled => polled.map(Some),
        })
        .await
    }

    /// Runs a call that can fail.
    pub(super) async fn around<T, E>(
        &self,
        call: Call,
        error: impl FnOnce(Side) -> E,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let fault = self.meet(call).await;
        if fault.is_some_and(|fault| fault.side() == Side::Before) {
            return Err(self.strike(fault, error(Side::Before)).await);
        }
        let done = work.await;
        match fault {
            None => done,
            Some(_) => Err(self.strike(fault, error(Side::After)).await),
        }
    }

    /// Runs a call that cannot fail. A failure before it makes it do nothing.
    pub(super) async fn pass(&self, call: Call, work: impl Future<Output = ()>) {
        let work = async {
            work.await;
            Ok(())
        };
        // Nobody is told: the port has no error.
        let (Ok(()) | Err(())) = self.around(call, |_| (), work).await;
    }

    /// Counts a call and says what goes wrong with it.
    async fn meet(&self, call: Call) -> Option<Fault> {
        if locked(&self.state).dead {
            core::future::pending::<()>().await;
        }
        let mut state = locked(&self.state);
        let number = state.calls.len();
        state.calls.push(call);
        let count = state.counts.entry(call).or_default();
        let number_of = *count;
        *count += 1;
        let met = |which: &Which| match *which {
            Which::Nth(n) => n == number,
            Which::NthOf(of, n) => of == call && n == number_of,
            Which::Every(of) => of == call,
        };
        state.planned.iter().find(|(which, _)| met(which)).map(|(_, fault)| *fault)
    }

    async fn strike<E>(&self, fault: Option<Fault>, error: E) -> E {
        if matches!(fault, Some(Fault::Cut(_))) {
            locked(&self.state).dead = true;
        }
        if !matches!(fault, Some(Fault::Fail(_))) {
            core::future::pending::<()>().await;
        }
        error
    }
}
