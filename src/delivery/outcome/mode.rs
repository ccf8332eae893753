//! Under which media type a payload is sent.

use serde::{Deserialize, Serialize};

/// The media type a payload is announced as. The text is the same JSON in both: some targets sit behind a filter that
/// lets only forms through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Announced as JSON.
    #[default]
    Json,
    /// Announced as a form.
    Form,
}

impl Mode {
    /// The value of `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }

    /// The mode to fall back on when a target answers 415.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Json => Self::Form,
            Self::Form => Self::Json,
        }
    }

    /// The name in the configuration and in the log: `json` or `form`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Form => "form",
        }
    }
}
