//! Writing for people and for scripts.

use super::Failure;
use serde::Serialize;
use std::io::{self, Write as _};

/// Writes one line to standard output.
pub(super) fn line(text: impl std::fmt::Display) -> Result<(), Failure> {
    Ok(writeln!(io::stdout(), "{text}")?)
}

/// Writes a value as readable JSON.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    line(serde_json::to_string_pretty(value).map_err(|error| Failure::Failed(error.to_string()))?)
}

/// A text cut to a column's width.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
