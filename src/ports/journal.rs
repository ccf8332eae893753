//! The log: one line an event, for whoever operates the service.

use crate::mail::MailId;

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
    /// The step: `ingest`, `process`, `deliver`, `sweep`, `config`.
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
}

/// Where lines go.
pub trait Journal {
    /// Writes one line. Must not block for long and never fails.
    fn log(&self, line: Line);
}
