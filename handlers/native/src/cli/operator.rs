//! The operator's commands, on whatever stores there are.
//!
//! They know the ports only: on the command line these are the native store; a test gives them the stores of another home.

use super::output::Output;
use super::{Arguments, Command, Failure, configuration, mails, targets};
use clap::{Parser as _, Subcommand};
use render_signal::config::Settings;
use render_signal::ports::{ConfigStore, Ledger};

#[derive(Debug, Subcommand)]
pub(super) enum Operator {
    /// Reads and writes the configuration documents.
    #[command(subcommand)]
    Config(configuration::Config),
    /// Lists mails, shows their life, and lets held ones and dead letters go.
    #[command(subcommand)]
    Mails(mails::Mails),
    /// Lists disabled targets, and enables them again.
    #[command(subcommand)]
    Targets(targets::Targets),
}

impl Operator {
    pub(super) async fn run(
        self,
        ledger: &impl Ledger,
        documents: &impl ConfigStore,
        settings: &Settings,
        out: &mut Output<'_>,
    ) -> Result<(), Failure> {
        match self {
            Self::Config(command) => command.run(documents, settings, out).await,
            Self::Mails(command) => command.run(ledger, out).await,
            Self::Targets(command) => command.run(ledger, out).await,
        }
    }
}

/// What a command said, and the status it ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The exit status of the same command as a process.
    pub status: u8,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// Runs one of the operator's commands (`config …`, `mails …`, `targets …`) on these stores, and keeps what it says. Every other
/// command is refused: it belongs to a process. A document that is not given is read from this process's standard input.
pub async fn operate(
    arguments: &[&str],
    ledger: &impl Ledger,
    documents: &impl ConfigStore,
    settings: &Settings,
) -> Ended {
    let command = match Arguments::try_parse_from(core::iter::once("render-signal").chain(arguments.iter().copied())) {
        Ok(Arguments { command: Some(Command::Operator(command)) }) => command,
        Ok(_) => return Ended::refused(&Failure::Caller("not a command on stores".to_owned())),
        Err(error) => {
            return Ended { status: 2, stdout: String::new(), stderr: error.to_string() };
        }
    };
    let mut stdout = Vec::new();
    let outcome = command.run(ledger, documents, settings, &mut Output(&mut stdout)).await;
    let ended = outcome.map_or_else(
        |failure| Ended::refused(&failure),
        |()| Ended { status: 0, stdout: String::new(), stderr: String::new() },
    );
    Ended { stdout: String::from_utf8_lossy(&stdout).into_owned(), ..ended }
}

impl Ended {
    fn refused(failure: &Failure) -> Self {
        Self { status: failure.status(), stdout: String::new(), stderr: format!("render-signal: {failure}\n") }
    }
}
