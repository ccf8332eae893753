//! What every home's stores promise, as cases that any of them can be put through.
//!
//! A home hands over a fresh, empty store for each case, with a clock that the case sets. The cases are plain async
//! functions: they need no executor, thread, file or system clock of their own, so that they also run inside a Worker.
//! A broken promise is a panic that names it. What only one store can do (reopening a file, syncing a log) is that
//! store's own test.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test suite: a panic is how a case reports a broken promise"
)]

mod admission;
mod bench;
mod bodies;
mod caps;
mod claims;
mod configuration;
mod fencing;
mod groups;
mod holds;
mod hourly;
mod leases;
mod life;
mod lists;
mod lock;
mod plans;
mod records;
mod replay;
mod search;
mod sweep;

pub use lock::{expiring_lock_cases, lock_cases};

use crate::calendar::Timestamp;
use crate::ports::{ConfigStore, Ledger, Lock};
use core::fmt;
use core::pin::Pin;
use core::time::Duration;

/// A store under test: both ports over one storage, and its clock.
#[allow(async_fn_in_trait, reason = "a subject is a concrete type: nobody has to name its futures")]
pub trait Subject {
    /// Its ledger.
    type Ledger: Ledger;
    /// Its configuration documents. A write here is seen by the ledger's next step.
    type Config: ConfigStore;

    /// The ledger.
    fn ledger(&self) -> &Self::Ledger;

    /// The configuration documents.
    fn config(&self) -> &Self::Config;

    /// Sets the store's clock, by which it judges leases, due times and retention. It stands still until it is set again.
    async fn set_time(&self, now: Timestamp);
}

/// Where locks are kept, nobody holding any.
#[allow(async_fn_in_trait, reason = "a subject is a concrete type: nobody has to name its futures")]
pub trait LockSubject {
    /// A process's way to them. It dies when this is dropped.
    type Lock: Lock;

    /// Another process.
    async fn process(&self) -> Self::Lock;

    /// Returns when so much time has passed where the locks are kept, and a little more.
    async fn wait(&self, time: Duration);
}

/// A running case.
pub type Running<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One promise.
pub struct Case<S> {
    /// The promise, in words joined by `_`, after the name of its area: `claims::a_known_message_id_is_a_repeat`.
    pub name: &'static str,
    run: for<'a> fn(&'a S) -> Running<'a>,
}

impl<S> Case<S> {
    /// Puts a fresh, empty store through the case. Panics when it does not keep the promise.
    pub fn run<'a>(&self, subject: &'a S) -> Running<'a> {
        (self.run)(subject)
    }
}

impl<S> fmt::Debug for Case<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Runs every case, each on a store of its own that `make` is asked for by the case's name. For runners that stop at the
/// first broken promise; the others walk through [`cases`] themselves.
pub async fn suite<S: Subject>(make: impl AsyncFn(&'static str) -> S) {
    for case in cases::<S>() {
        case.run(&make(case.name).await).await;
    }
}

/// Every case, area by area.
pub fn cases<S: Subject>() -> Vec<Case<S>> {
    [
        admission::cases(),
        claims::cases(),
        groups::cases(),
        bodies::cases(),
        leases::cases(),
        caps::cases(),
        fencing::cases(),
        plans::cases(),
        records::cases(),
        holds::cases(),
        hourly::cases(),
        replay::cases(),
        sweep::cases(),
        search::cases(),
        lists::cases(),
        life::cases(),
        configuration::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The cases of an area: its name, then its functions from a [`bench::Bench`].
macro_rules! promises {
    ($area:literal: $($case:ident),+ $(,)?) => {
        /// The cases of this area.
        pub(super) fn cases<S: $crate::contract::Subject>() -> Vec<$crate::contract::Case<S>> {
            vec![$($crate::contract::Case {
                name: concat!($area, "::", stringify!($case)),
                run: |subject| Box::pin(async move { $case(&$crate::contract::bench::Bench::start(subject).await).await }),
            }),+]
        }
    };
}
use promises;
