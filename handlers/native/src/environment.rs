//! The environment, and the `.env` file beside it.

use render_signal::config::settings::Problem;
use render_signal::config::{Place, Settings};
use std::collections::BTreeMap;
use std::path::Path;

/// What the process was given: its environment, then what `.env` in the working directory adds.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    file: BTreeMap<String, String>,
}

/// Why the environment could not be read.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// `.env` is there and cannot be read.
    #[error(".env cannot be read: {0}")]
    File(#[from] dotenvy::Error),
    /// Settings that cannot be used, all of them.
    #[error("{}", list(.0))]
    Settings(Vec<Problem>),
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Environment {
    /// Reads `.env` in the working directory, if there is one.
    pub fn load() -> Result<Self, EnvironmentError> {
        let path = Path::new(".env");
        if !path.exists() {
            return Ok(Self::default());
        }
        let file = dotenvy::from_path_iter(path)?.collect::<Result<_, _>>()?;
        Ok(Self { file })
    }

    /// The value of a variable: the environment's, else the file's.
    #[expect(clippy::disallowed_methods, reason = "this is where the native home reads its settings")]
    pub fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().or_else(|| self.file.get(name).cloned())
    }

    /// The settings.
    pub fn settings(&self) -> Result<Settings, EnvironmentError> {
        Settings::read(&|name| self.get(name), Place::Native).map_err(EnvironmentError::Settings)
    }
}
