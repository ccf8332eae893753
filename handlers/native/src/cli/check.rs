//! `render-signal check`: what a start would do.

use super::Failure;
use super::output::line;
use crate::environment::Environment;
use render_signal::config::Place;
use render_signal::config::settings::survey;

/// Says how every variable is set, every mistake, and what a start would do.
pub(super) fn check(environment: &Environment) -> Result<(), Failure> {
    for entry in survey(&|name| environment.get(name), Place::Native) {
        line(entry)?;
    }
    line("")?;
    let settings = environment.settings()?;
    for warning in &settings.warnings {
        line(format!("warning: {warning}"))?;
    }
    if let Some(refusal) = crate::start::refusal(&settings) {
        return Err(Failure::Configuration(format!("a start would be refused.\n{refusal}")));
    }
    line(format!("a start would succeed: the server {}", settings.listening()))
}
