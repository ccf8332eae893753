//! What the environment holds, for people: `--help` and `check`.

use super::Place;
use super::reader::{Found, Lookup, find};
use super::table::VARIABLES;
use super::variable::{Need, Scope, Secrecy, Variable};
use core::fmt::{self, Write as _};

/// One variable and how it is set: a line of `check`.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The variable.
    pub variable: &'static Variable,
    /// How it is set.
    pub state: State,
}

/// How a variable is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is, by that name, to that value; `None` when the value is hidden.
    Set(&'static str, Option<String>),
    /// It is not, and its default holds.
    Default,
    /// It is not, and has no default.
    NotSet,
    /// It is not, and outside development mode the start stops for it.
    Missing,
    /// It has no effect in this place, set or not.
    NotUsed,
}

/// How every variable is set, in the table's order. It parses nothing: mistakes are told by
/// [`Settings::read`](super::Settings::read).
pub fn survey(lookup: &Lookup<'_>, place: Place) -> Vec<Entry> {
    VARIABLES.iter().map(|&variable| Entry { variable, state: state(lookup, place, variable) }).collect()
}

fn state(lookup: &Lookup<'_>, place: Place, variable: &Variable) -> State {
    if !variable.scope.covers(place) {
        return State::NotUsed;
    }
    match (find(lookup, place, variable), variable.secrecy) {
        (Some(Found { name, text }), Secrecy::Open) => State::Set(name, Some(text)),
        (Some(Found { name, .. }), Secrecy::Hidden) => State::Set(name, None),
        (None, _) if variable.need == Need::Secret => State::Missing,
        (None, _) if variable.default.is_empty() => State::NotSet,
        (None, _) => State::Default,
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.variable.name;
        match &self.state {
            State::Set(by, value) => {
                let value = value.as_deref().unwrap_or("(hidden)");
                let older = if *by == name { String::new() } else { format!(" (by its older name {by})") };
                write!(f, "{name}: set{older}: {value}")
            }
            State::Default => write!(f, "{name}: default: {}", self.variable.default),
            State::NotSet => write!(f, "{name}: not set"),
            State::Missing => write!(f, "{name}: MISSING"),
            State::NotUsed => write!(f, "{name}: not used here"),
        }
    }
}

/// The `--help` text: every variable with its form, its default and its meaning, one paragraph each.
pub fn help() -> String {
    let mut text = String::new();
    for variable in VARIABLES {
        // Writing to a string does not fail.
        let _ = write!(text, "{}", Paragraph(variable));
    }
    text
}

struct Paragraph(&'static Variable);

impl fmt::Display for Paragraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(variable) = self;
        write!(f, "{} ({}", variable.name, variable.form)?;
        if !variable.default.is_empty() {
            write!(f, "; default {}", variable.default)?;
        }
        if variable.need == Need::Secret {
            f.write_str("; needed")?;
        }
        match variable.scope {
            Scope::Everywhere => {}
            Scope::Native => f.write_str("; native server only")?,
            Scope::Worker => f.write_str("; Worker only")?,
        }
        for alias in variable.aliases {
            write!(f, "; older name {alias}")?;
        }
        writeln!(f, ")\n    {}", variable.meaning.replace('`', ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pairs: &[(&str, &str)], place: Place) -> String {
        let lookup = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let lines: Vec<_> = survey(&lookup, place).iter().map(Entry::to_string).collect();
        lines.join("\n")
    }

    #[test]
    fn check_says_how_each_variable_is_set() {
        let pairs = [("WEBHOOK_URL", "https://hooks.signal.test/t0ken"), ("FLASK_LOG_LEVEL", "INFO"), ("PORT", "80")];
        let text = lines(&pairs, Place::Native);
        for line in [
            "PROCESS_API_TOKEN: MISSING",
            "PROCESS_API_TOKEN_PREVIOUS: not set",
            "WEBHOOK_URL: set: (hidden)",
            "LOG_LEVEL: set (by its older name FLASK_LOG_LEVEL): INFO",
            "PORT: set: 80",
            "RETENTION_BODY_DAYS: default: 7",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains("t0ken"));
        assert!(lines(&pairs, Place::Worker).contains("PORT: not used here"));
    }

    #[test]
    fn help_tells_of_every_variable() {
        let text = help();
        for variable in VARIABLES {
            assert!(text.contains(&format!("{} (", variable.name)), "{}", variable.name);
        }
        assert!(
            text.contains("LOG_LEVEL (error, warn, info, debug or trace; default info; older name FLASK_LOG_LEVEL)")
        );
        assert!(text.contains("PROCESS_API_TOKEN (any text; needed)"));
        assert!(!text.contains('`'));
    }
}
