//! Writing for people and for scripts.

use super::Failure;
use serde::Serialize;
use std::io::Write;

/// Where a command's words go: standard output, or a test's memory.
pub(super) struct Output<'a>(pub(super) &'a mut dyn Write);

impl Output<'_> {
    /// Writes one line.
    pub(super) fn line(&mut self, text: impl std::fmt::Display) -> Result<(), Failure> {
        Ok(writeln!(self.0, "{text}")?)
    }

    /// Writes a value as readable JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        self.line(serde_json::to_string_pretty(value).map_err(|error| Failure::Failed(error.to_string()))?)
    }
}

/// A text cut to a column's width. What came with a mail may hold a terminal's commands, or a line break: control characters
/// are shown as one sign each, never sent.
pub(super) fn cut(text: &str, width: usize) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    if text.chars().nth(width).is_none() {
        return text.chars().map(shown).collect();
    }
    text.chars().take(width.saturating_sub(1)).map(shown).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_column_is_as_wide_as_it_may_be() {
        for (text, width, shown) in [("été", 3, "été"), ("étés", 3, "ét…"), ("", 3, ""), ("x", 0, "…")] {
            assert_eq!(cut(text, width), shown);
        }
    }

    #[test]
    fn a_mail_sends_no_command_to_the_terminal() {
        assert_eq!(cut("\u{1b}[2J\u{9b}1m\r\na\t", 20), "\u{fffd}[2J\u{fffd}1m\u{fffd}\u{fffd}a\u{fffd}");
    }
}
