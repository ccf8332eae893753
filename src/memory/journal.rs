//! The log, kept.

use super::locked;
use crate::ports::{Journal, Line};
use std::sync::Mutex;

/// Remembers every line.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    lines: Mutex<Vec<Line>>,
}

impl MemoryJournal {
    /// Every line so far, oldest first.
    pub fn lines(&self) -> Vec<Line> {
        locked(&self.lines).clone()
    }

    /// The lines of a stage with this code, oldest first.
    pub fn find(&self, stage: &str, code: &str) -> Vec<Line> {
        let lines = locked(&self.lines);
        lines.iter().filter(|line| line.stage == stage && line.code == code).cloned().collect()
    }
}

impl Journal for MemoryJournal {
    fn log(&self, line: Line) {
        locked(&self.lines).push(line);
    }
}
