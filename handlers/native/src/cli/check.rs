//! `render-signal check`: what a start would do.

use super::Failure;
use super::output::Output;
use crate::environment::Environment;
use render_signal::config::Place;
use render_signal::config::settings::{RunMode, State, survey};

/// Says how every variable is set, every mistake, and what a start would do.
pub(super) fn check(environment: &Environment, out: &mut Output<'_>) -> Result<(), Failure> {
    let settings = environment.settings();
    let development = settings.as_ref().is_ok_and(|settings| settings.listening().mode == RunMode::Development);
    for entry in survey(&|name| environment.get(name), Place::Native) {
        match entry.state {
            State::Missing if development => out.line(format!("{}: made at the first start", entry.variable.name))?,
            _ => out.line(entry)?,
        }
    }
    out.line("")?;
    let settings = settings?;
    for warning in &settings.warnings {
        out.line(format!("warning: {warning}"))?;
    }
    if let Some(refusal) = crate::start::refusal(&settings) {
        return Err(Failure::Configuration(format!("a start would be refused.\n{refusal}")));
    }
    if let Some(redis) = &settings.server.redis {
        let told = super::runtime()?.block_on(crate::redis::report(redis));
        let told = told.map_err(|refused| Failure::Configuration(format!("a start would be refused.\n{refused}")))?;
        out.line(told)?;
    }
    out.line(format!("a start would succeed: the server {}", settings.listening()))
}
