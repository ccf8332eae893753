//! What is wrong with the environment, said all at once.

use core::fmt;

/// A variable that cannot be used as it is set. The start stops.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {message}")]
pub struct Problem {
    /// The variable, under the name it was set by.
    pub variable: &'static str,
    /// The kind of mistake.
    pub code: ProblemCode,
    /// What was expected, in English. Never holds the value of a hidden variable.
    pub message: String,
}

/// The kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemCode {
    /// Neither a word for yes nor one for no.
    InvalidBoolean,
    /// Not a whole number, or outside its bounds.
    InvalidNumber,
    /// Not a time of day.
    InvalidTime,
    /// No such time zone.
    UnknownZone,
    /// None of the words that may be written.
    InvalidChoice,
    /// Not an address to listen on or to ask.
    InvalidAddress,
    /// Not a URL, or one that may not be used.
    InvalidUrl,
    /// Not a usable secret.
    InvalidSecret,
    /// Each of two variables is well written, but they exclude each other.
    Conflict,
}

impl ProblemCode {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidBoolean => "invalid_boolean",
            Self::InvalidNumber => "invalid_number",
            Self::InvalidTime => "invalid_time",
            Self::UnknownZone => "unknown_zone",
            Self::InvalidChoice => "invalid_choice",
            Self::InvalidAddress => "invalid_address",
            Self::InvalidUrl => "invalid_url",
            Self::InvalidSecret => "invalid_secret",
            Self::Conflict => "conflict",
        }
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something its user should know, and that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The variable, under the name it was set by.
    pub variable: &'static str,
    /// The kind of warning.
    pub code: WarningCode,
    /// The warning, in English.
    pub message: String,
}

/// The kind of warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarningCode {
    /// The predecessor's name of a variable is set.
    OlderName,
    /// A variable of the predecessor that changes nothing here is set.
    NoEffect,
    /// A protection is switched off.
    Unsafe,
}

impl WarningCode {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OlderName => "older_name",
            Self::NoEffect => "no_effect",
            Self::Unsafe => "unsafe",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.message)
    }
}
