//! Reads variables one by one and remembers every problem, so that all are told at once.

use super::Place;
use super::problem::{Problem, ProblemCode, Warning, WarningCode};
use super::table::UNUSED;
use super::values;
use super::variable::{Form, Need, Secrecy, Variable};

/// Where the value of a variable comes from: the environment of a process, the bindings of a Worker, a test's map.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// How many characters of a refused value a message shows.
const SHOWN: usize = 80;

/// A value as it was found.
pub(super) struct Found {
    /// The name it was set by.
    pub(super) name: &'static str,
    /// The value, trimmed, never empty.
    pub(super) text: String,
}

/// Why a value was not understood.
pub(super) struct Fault {
    pub(super) code: ProblemCode,
    pub(super) expected: String,
}

pub(super) struct Reader<'a> {
    lookup: &'a Lookup<'a>,
    place: Place,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Warning>,
    /// The names of needed variables that are not set.
    pub(super) missing: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a Lookup<'a>, place: Place) -> Self {
        let unused = UNUSED.iter().filter(|unused| present(lookup, unused.name).is_some());
        let warnings = unused
            .map(|it| Warning { variable: it.name, code: WarningCode::NoEffect, message: it.warning.to_owned() })
            .collect();
        Self { lookup, place, problems: Vec::new(), warnings, missing: Vec::new() }
    }

    /// The value, or the default when the variable is not set; `None` when there is neither or when `parse` refuses it.
    pub(super) fn read<T>(&mut self, variable: &Variable, parse: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        let found = self.find(variable);
        if found.is_none() && variable.need == Need::Secret {
            self.missing.push(variable.name);
        }
        let text = match &found {
            Some(found) => found.text.as_str(),
            None if variable.default.is_empty() => return None,
            None => variable.default,
        };
        match parse(text) {
            Ok(value) => Some(value),
            Err(fault) => {
                let name = found.as_ref().map_or(variable.name, |found| found.name);
                self.refuse(variable, name, text, fault);
                None
            }
        }
    }

    /// The value of a switch. After a problem: off.
    pub(super) fn switch(&mut self, variable: &Variable) -> bool {
        self.read(variable, values::switch).unwrap_or(false)
    }

    /// The value of a number. After a problem, or without a default: `None`.
    pub(super) fn number(&mut self, variable: &Variable) -> Option<u32> {
        let (least, most) = match variable.form {
            Form::Number(least, most) => (least, most),
            Form::Switch | Form::Time | Form::Text(_) => (0, u32::MAX),
        };
        self.read(variable, |text| values::number(text, least, most))
    }

    /// Remembers that two variables exclude each other.
    pub(super) fn conflict(&mut self, variable: &Variable, message: impl Into<String>) {
        let problem = Problem { variable: variable.name, code: ProblemCode::Conflict, message: message.into() };
        self.problems.push(problem);
    }

    /// Remembers that a protection is off.
    pub(super) fn warn_unsafe(&mut self, variable: &Variable, message: &str) {
        let warning = Warning { variable: variable.name, code: WarningCode::Unsafe, message: message.to_owned() };
        self.warnings.push(warning);
    }

    /// Remembers that a variable changes nothing as things are.
    pub(super) fn warn_idle(&mut self, variable: &Variable, message: &str) {
        let warning = Warning { variable: variable.name, code: WarningCode::NoEffect, message: message.to_owned() };
        self.warnings.push(warning);
    }

    /// Whether anything is written in it.
    pub(super) fn is_set(&self, variable: &Variable) -> bool {
        find(self.lookup, self.place, variable).is_some()
    }

    fn find(&mut self, variable: &Variable) -> Option<Found> {
        let found = find(self.lookup, self.place, variable)?;
        if found.name != variable.name {
            self.warnings.push(Warning {
                variable: found.name,
                code: WarningCode::OlderName,
                message: format!("is an older name, still read: set {} instead", variable.name),
            });
        }
        Some(found)
    }

    fn refuse(&mut self, variable: &Variable, name: &'static str, text: &str, fault: Fault) {
        let Fault { code, expected } = fault;
        let message = match variable.secrecy {
            Secrecy::Hidden => expected,
            Secrecy::Open => format!("{expected}, not {:?}", text.chars().take(SHOWN).collect::<String>()),
        };
        self.problems.push(Problem { variable: name, code, message });
    }
}

/// The variable's value: under its own name first, then under its older ones. Blank counts as not set, and so does a
/// variable that has no effect in that place.
pub(super) fn find(lookup: &Lookup<'_>, place: Place, variable: &Variable) -> Option<Found> {
    if !variable.scope.covers(place) {
        return None;
    }
    core::iter::once(variable.name)
        .chain(variable.aliases.iter().copied())
        .find_map(|name| present(lookup, name).map(|text| Found { name, text }))
}

fn present(lookup: &Lookup<'_>, name: &str) -> Option<String> {
    let text = lookup(name)?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
