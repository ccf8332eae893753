//! The system's clock and randomness, and the log on standard error.

use render_signal::calendar::Timestamp;
use render_signal::config::settings::LogLevel;
use render_signal::ports::{Clock, Entropy, Journal, Level, Line};
use serde_json::{Map, Value};
use std::io::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl SystemClock {
    /// The present instant.
    #[expect(clippy::disallowed_methods, reason = "this is the native clock port")]
    pub fn time() -> Timestamp {
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

/// One JSON object a line on standard error.
#[derive(Debug, Clone, Copy)]
pub struct StderrJournal {
    least: Level,
}

impl StderrJournal {
    /// Writes lines of `least` importance and more.
    pub fn new(least: LogLevel) -> Self {
        let least = match least {
            LogLevel::Debug | LogLevel::Trace => Level::Debug,
            LogLevel::Info => Level::Info,
            LogLevel::Warn => Level::Warn,
            LogLevel::Error => Level::Error,
        };
        Self { least }
    }
}

impl Journal for StderrJournal {
    fn log(&self, line: Line) {
        if line.level >= self.least {
            // Nobody is left to tell when the log itself cannot be written.
            let _ = writeln!(std::io::stderr().lock(), "{}", to_json(&line, SystemClock::time()));
        }
    }
}

fn to_json(line: &Line, now: Timestamp) -> Value {
    let level = match line.level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let mut object = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(key.to_owned(), value);
        }
    };
    put("time", Some(now.to_rfc3339().into()));
    put("level", Some(level.into()));
    put("stage", Some(line.stage.into()));
    put("code", Some(line.code.into()));
    put("msg", Some(line.msg.as_str().into()));
    put("mail_id", line.mail_id.as_ref().map(|id| id.as_str().into()));
    put("duration_ms", line.duration_ms.map(Into::into));
    put("sender", line.sender.as_deref().map(Into::into));
    put("subject", line.subject.as_deref().map(Into::into));
    put("cause", line.cause.as_deref().map(Into::into));
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object() {
        let line = Line::new(Level::Warn, "sweep", "released", "two\nlines").with_duration(Duration::from_millis(7));
        let text = to_json(&line, Timestamp::from_millis(0)).to_string();
        assert!(!text.contains('\n'));
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((back["level"].as_str(), back["duration_ms"].as_u64()), (Some("warn"), Some(7)));
        assert!(back.get("mail_id").is_none());
    }

    #[test]
    fn randomness_is_not_the_same_twice() {
        let entropy = SystemEntropy::new().unwrap();
        assert_ne!(entropy.random(), entropy.random());
    }
}
