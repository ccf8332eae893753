//! What one environment variable is: its name, what it means, and what may be written in it.

use super::Place;
use core::fmt;

/// One environment variable, as `--help`, `check`, the reader and the documentation know it.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// The name to set.
    pub name: &'static str,
    /// Older names, still read; each use makes one warning.
    pub aliases: &'static [&'static str],
    /// What holds when it is not set, as it would be written. Empty: nothing.
    pub default: &'static str,
    /// What it does, in one English sentence.
    pub meaning: &'static str,
    /// What may be written in it.
    pub form: Form,
    /// Whether its value may be shown.
    pub secrecy: Secrecy,
    /// Whether the server starts without it.
    pub need: Need,
    /// Where it has an effect.
    pub scope: Scope,
}

/// What may be written in a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `1 true yes y on` or `0 false no n off`, in any case.
    Switch,
    /// A whole number between the two bounds, both included.
    Number(u32, u32),
    /// A time of day: `HHhMM` or `HH:MM`.
    Time,
    /// Anything else, described in words.
    Text(&'static str),
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch => f.write_str("true or false"),
            Self::Number(least, most) => write!(f, "{least} to {most}"),
            Self::Time => f.write_str("HHhMM or HH:MM"),
            Self::Text(words) => f.write_str(words),
        }
    }
}

/// Whether a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// It may.
    Open,
    /// It never is: not in a report, not in a problem's message, not in a log line.
    Hidden,
}

/// Whether the server starts without a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It does.
    Optional,
    /// Only in development mode, which makes one; elsewhere its absence stops the start.
    Secret,
}

/// Where a variable has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// On both homes.
    Everywhere,
    /// On the native server only: a Worker has no port, no disk and no resolver of its own.
    Native,
    /// On the Worker only: the native server has the system's.
    Worker,
}

impl Scope {
    /// Whether a variable of this scope has an effect there.
    pub(super) fn covers(self, place: Place) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Native => place == Place::Native,
            Self::Worker => place == Place::Worker,
        }
    }
}

impl Variable {
    /// An open, optional variable of both homes.
    pub(super) const fn new(name: &'static str, form: Form, default: &'static str, meaning: &'static str) -> Self {
        Self {
            name,
            aliases: &[],
            default,
            meaning,
            form,
            secrecy: Secrecy::Open,
            need: Need::Optional,
            scope: Scope::Everywhere,
        }
    }

    /// The same variable, also read under older names.
    pub(super) const fn formerly(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// The same variable, its value never shown.
    pub(super) const fn hidden(mut self) -> Self {
        self.secrecy = Secrecy::Hidden;
        self
    }

    /// The same variable, needed to start outside development mode.
    pub(super) const fn needed(mut self) -> Self {
        self.need = Need::Secret;
        self
    }

    /// The same variable, on the native server only.
    pub(super) const fn native(mut self) -> Self {
        self.scope = Scope::Native;
        self
    }
    /// The same variable, on the Worker only.
    pub(super) const fn worker(mut self) -> Self {
        self.scope = Scope::Worker;
        self
    }
}
