//! The log: one line an event, for whoever operates the service.

use crate::calendar::Timestamp;
use crate::mail::MailId;
use serde_json::{Map, Value};

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Detail for finding a fault.
    Debug,
    /// A normal step.
    Info,
    /// Something an operator should know about.
    Warn,
    /// Something that failed.
    Error,
}

/// One event. Never carries a secret, a mail body, or an unmasked address or subject.
#[derive(Debug, Clone)]
pub struct Line {
    /// How much it matters.
    pub level: Level,
    /// What happened, in words an operator greps for.
    pub msg: String,
    /// The mail it is about.
    pub mail_id: Option<MailId>,
    /// The step: `start`, `store`, `ingest`, `process`, `deliver`, `sweep`, `config`, `queue`, `alarm`, `panic`.
    pub stage: &'static str,
    /// The stable code of the outcome.
    pub code: &'static str,
    /// How long the step took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// The masked sender.
    pub sender: Option<String>,
    /// The masked subject.
    pub subject: Option<String>,
    /// The internal cause, for the operator only.
    pub cause: Option<String>,
}

impl Line {
    /// A line of a stage with its code; the rest is filled with the `with_` functions.
    pub fn new(level: Level, stage: &'static str, code: &'static str, msg: impl Into<String>) -> Self {
        Self {
            level,
            msg: msg.into(),
            mail_id: None,
            stage,
            code,
            duration_ms: None,
            sender: None,
            subject: None,
            cause: None,
        }
    }

    /// Says which mail.
    #[must_use]
    pub fn with_mail(mut self, id: &MailId) -> Self {
        self.mail_id = Some(id.clone());
        self
    }

    /// Says how long it took.
    #[must_use]
    pub fn with_duration(mut self, time: core::time::Duration) -> Self {
        self.duration_ms = u64::try_from(time.as_millis()).ok();
        self
    }

    /// Adds the internal cause.
    #[must_use]
    pub fn with_cause(mut self, cause: &dyn core::fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// The line as one JSON object, without the fields it does not have.
    pub fn to_json(&self, now: Timestamp) -> Value {
        let level = match self.level {
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
        put("stage", Some(self.stage.into()));
        put("code", Some(self.code.into()));
        put("msg", Some(self.msg.as_str().into()));
        put("mail_id", self.mail_id.as_ref().map(|id| id.as_str().into()));
        put("duration_ms", self.duration_ms.map(Into::into));
        put("sender", self.sender.as_deref().map(Into::into));
        put("subject", self.subject.as_deref().map(Into::into));
        put("cause", self.cause.as_deref().map(Into::into));
        Value::Object(object)
    }
}

/// Where lines go.
pub trait Journal {
    /// Writes one line. Must not block for long and never fails.
    fn log(&self, line: Line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_json_object() {
        let line = Line::new(Level::Warn, "sweep", "released", "two\nlines")
            .with_duration(core::time::Duration::from_millis(7));
        let text = line.to_json(Timestamp::from_millis(0)).to_string();
        assert!(!text.contains('\n'));
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((back["level"].as_str(), back["duration_ms"].as_u64()), (Some("warn"), Some(7)));
        assert!(back.get("mail_id").is_none());
    }
}
