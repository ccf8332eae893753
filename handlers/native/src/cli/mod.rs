//! The command line.

mod check;
mod configuration;
mod mails;
mod operator;
mod output;
mod recover;
mod targets;

pub use operator::{Ended, operate};

use crate::environment::{Environment, EnvironmentError};
use crate::home::Network;
use crate::redis::Log;
use crate::sqlite::{OpenError, SqliteStore, database};
use crate::start::{StartError, serve};
use crate::stores::{Shared, Unusable};
use crate::system::SystemClock;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use operator::Operator;
use output::Output;
use render_signal::config::Settings;
use render_signal::config::settings::RedisSettings;
use render_signal::ledger::LedgerError;
use render_signal::ports::ConfigError;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Takes mails, and delivers them as signed webhooks.
#[derive(Debug, Parser)]
#[command(name = "render-signal", version, about, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server. This is what happens without a command.
    Serve,
    /// Says which settings are set, which are missing, and what a start would do.
    Check,
    #[command(flatten)]
    Operator(Operator),
}

/// What a command ends with when it does not succeed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The settings do not allow it.
    #[error("{0}")]
    Configuration(String),
    /// What was asked for is not there, or not valid.
    #[error("{0}")]
    Caller(String),
    /// Something else failed.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    /// The statuses of sysexits: 78 configuration, 64 usage, 1 anything else.
    fn status(&self) -> u8 {
        match self {
            Self::Configuration(_) => 78,
            Self::Caller(_) => 64,
            Self::Failed(_) => 1,
        }
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let help = format!("Settings (environment, then .env):\n\n{}", render_signal::config::settings::help());
    let matches = Arguments::command().after_long_help(help).get_matches();
    let outcome = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => run(arguments.command.unwrap_or(Command::Serve)),
        Err(error) => error.exit(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(io::stderr(), "render-signal: {failure}");
            ExitCode::from(failure.status())
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    let environment = Environment::load()?;
    let mut stdout = io::stdout();
    let mut out = Output(&mut stdout);
    match command {
        Command::Serve => Ok(serve(&environment)?),
        Command::Check => check::check(&environment, &mut out),
        Command::Operator(command) => on_store(command, &environment, &mut out),
    }
}

/// Runs a command on the store that the settings name, beside the running servers if there are any.
fn on_store(command: Operator, environment: &Environment, out: &mut Output<'_>) -> Result<(), Failure> {
    let settings = environment.settings()?;
    match &settings.server.redis {
        None => on_file(command, &settings, out),
        Some(redis) => on_redis(command, &settings, redis, out),
    }
}

fn on_file(command: Operator, settings: &Settings, out: &mut Output<'_>) -> Result<(), Failure> {
    let path = database(Path::new(&settings.server.data_dir));
    if !path.exists() {
        let dir = &settings.server.data_dir;
        return Err(Failure::Caller(format!(
            "no store in {dir} yet: start the server once, or set DATA_DIR to where it runs"
        )));
    }
    let store = SqliteStore::open(&path, Arc::new(SystemClock::time))?;
    runtime()?.block_on(command.run(&store, &store, settings, out))
}

fn on_redis(
    command: Operator,
    settings: &Settings,
    redis: &RedisSettings,
    out: &mut Output<'_>,
) -> Result<(), Failure> {
    runtime()?.block_on(async {
        let network = Network::of(settings).map_err(|error| Failure::Failed(error.to_string()))?;
        let stores = Shared::start(settings, redis, &network.sender, silent()).map_err(Unusable::from)?;
        stores.ready_for_a_command().await?;
        command.run(&stores.ledger, &stores.config, settings, out).await
    })
}

/// A command says by its end what went wrong.
fn silent() -> Log {
    Arc::new(|_| {})
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| Failure::Failed(error.to_string()))
}

impl From<Unusable> for Failure {
    fn from(error: Unusable) -> Self {
        match error {
            Unusable::Url(_) | Unusable::Unsupported(_) => Self::Configuration(error.to_string()),
            Unusable::Newer(_) | Unusable::Away(_) => Self::Failed(error.to_string()),
        }
    }
}

impl From<EnvironmentError> for Failure {
    fn from(error: EnvironmentError) -> Self {
        Self::Configuration(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Configuration(text) => Self::Configuration(text),
            StartError::Failed(text) => Self::Failed(text),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}
