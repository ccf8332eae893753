//! The intake a mail came by.

use serde::{Deserialize, Serialize};

/// The intake a mail came by, written into its payload as `source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Pushed by the Gmail Apps Script.
    GmailPush,
}

impl Source {
    /// The word of the payload.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GmailPush => "gmail_push",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        (word == Self::GmailPush.as_str()).then_some(Self::GmailPush)
    }
}
