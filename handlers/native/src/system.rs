//! The system's clock and randomness, and the log on standard error.

mod throttle;

use render_signal::calendar::Timestamp;
use render_signal::config::settings::LogLevel;
use render_signal::ports::{Clock, Entropy, Journal, Level, Line};
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use throttle::Throttle;
use tokio::time::Instant;

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl SystemClock {
    /// The present instant.
    #[expect(clippy::disallowed_methods, reason = "this is the native clock port")]
    pub fn time() -> Timestamp {
        #[cfg(feature = "test-build")]
        if let Some(fixed) = render_signal_handlers::http::testing::fixed_time() {
            return fixed;
        }
        let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Self::time()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// The system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy(());

impl SystemEntropy {
    /// Asks the system once, so that a system without randomness stops the start and nothing later.
    pub fn new() -> Result<Self, getrandom::Error> {
        random().map(|_| Self(()))
    }

    /// What nobody else has: the number of this process, for people, and 128 random bits. The number alone is not enough, since
    /// containers have the same ones.
    pub fn token() -> Result<String, getrandom::Error> {
        random().map(|bits| format!("pid={} {bits:032x}", std::process::id()))
    }
}

impl Entropy for SystemEntropy {
    fn random(&self) -> u128 {
        // The source answered at start, and then it does not fail. Were it to, the time still makes an id of its own.
        random().unwrap_or_else(|_| u128::try_from(SystemClock::time().as_millis()).unwrap_or(0))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the native entropy port")]
fn random() -> Result<u128, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}

/// One JSON object a line on standard error; of an outage at most one line in ten seconds. Clones share that.
#[derive(Debug, Clone)]
pub struct StderrJournal {
    least: Level,
    throttle: Arc<Mutex<Throttle>>,
    /// Ten seconds are ten seconds, whatever becomes of the clock.
    since: Instant,
}

impl StderrJournal {
    /// Writes lines of `least` importance and more.
    pub fn new(least: LogLevel) -> Self {
        Self { least: least.least(), throttle: Arc::default(), since: Instant::now() }
    }

    /// The same journal, for tasks that are not part of a home.
    pub fn as_log(&self) -> Arc<dyn Fn(Line) + Send + Sync> {
        let journal = self.clone();
        Arc::new(move |line| journal.log(line))
    }
}

impl Journal for StderrJournal {
    fn log(&self, line: Line) {
        if line.level < self.least {
            return;
        }
        let passed = self.throttle.lock().unwrap_or_else(PoisonError::into_inner).pass(line, self.since.elapsed());
        if let Some(line) = passed {
            // In one piece: standard error is not buffered, and a line written in parts is torn by a crash. Nobody is left to
            // tell when the log itself cannot be written.
            let text = format!("{}\n", line.to_json(SystemClock::time()));
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn randomness_is_not_the_same_twice() {
        let entropy = SystemEntropy::new().unwrap();
        assert_ne!(entropy.random(), entropy.random());
    }
}
