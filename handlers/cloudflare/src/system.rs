//! The Worker's clock with its deadlines, its randomness, and the log on its console.

use core::cell::Cell;
use core::pin::pin;
use core::time::Duration;
use futures_util::future::{Either, select};
use render_signal::calendar::Timestamp;
use render_signal::ports::{Clock, Entropy, Journal, Level, Line};
use worker::{Date, Delay, console_error, console_log, console_warn};

/// The Worker's clock. It stands still between two waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkerClock;

impl WorkerClock {
    pub(crate) fn time() -> Timestamp {
        #[cfg(feature = "test-build")]
        if let Some(fixed) = render_signal_handlers::http::testing::fixed_time() {
            return fixed;
        }
        Timestamp::from_millis(i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX))
    }
}

impl Clock for WorkerClock {
    fn now(&self) -> Timestamp {
        Self::time()
    }

    async fn sleep(&self, time: Duration) {
        Delay::from(time).await;
    }
}

/// What came of `work`, if it came in time. What comes late is dropped, not undone.
pub(crate) async fn within<T>(deadline: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), Delay::from(deadline)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// `crypto.getRandomValues`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CryptoEntropy;

impl Entropy for CryptoEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the Worker's entropy port")]
    fn random(&self) -> u128 {
        let mut bytes = [0; 16];
        // The platform's source does not fail; were it to, the time still makes an id of its own.
        match getrandom::fill(&mut bytes) {
            Ok(()) => u128::from_le_bytes(bytes),
            Err(_) => u128::from(Date::now().as_millis()),
        }
    }
}

thread_local! {
    static LEAST: Cell<Level> = const { Cell::new(Level::Info) };
}

/// One JSON object a line on the console, where `wrangler tail` and Logpush read it. Lines less grave than `LOG_LEVEL` are not
/// written; until that is known it is `info`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConsoleJournal;

impl ConsoleJournal {
    /// Says which lines this isolate writes.
    pub(crate) fn write_from(least: Level) {
        LEAST.set(least);
    }
}

impl Journal for ConsoleJournal {
    fn log(&self, line: Line) {
        if line.level < LEAST.get() {
            return;
        }
        let text = line.to_json(WorkerClock::time());
        match line.level {
            Level::Debug | Level::Info => console_log!("{text}"),
            Level::Warn => console_warn!("{text}"),
            Level::Error => console_error!("{text}"),
        }
    }
}
