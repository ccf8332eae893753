//! `render-signal targets`: the receivers that said they are gone.

use super::Failure;
use super::output::Output;
use clap::Subcommand;
use render_signal::ledger::{Pass, Release, Selection};
use render_signal::ports::Ledger;

/// The commands on targets.
#[derive(Debug, Subcommand)]
pub(super) enum Targets {
    /// Lists the disabled targets, with why.
    List,
    /// Enables a target again and lets its deliveries go.
    Enable {
        /// The target's key, as `targets list` and `mails show` give it.
        key: String,
    },
}

impl Targets {
    pub(super) async fn run(self, ledger: &impl Ledger, out: &mut Output<'_>) -> Result<(), Failure> {
        match self {
            Self::List => list(ledger, out).await,
            Self::Enable { key } => enable(ledger, key, out).await,
        }
    }
}

async fn list(ledger: &impl Ledger, out: &mut Output<'_>) -> Result<(), Failure> {
    let stats = ledger.stats().await?;
    if stats.disabled_targets.is_empty() {
        return out.line("no target is disabled");
    }
    for (key, code) in &stats.disabled_targets {
        out.line(format!("{key} {code}"))?;
    }
    Ok(())
}

async fn enable(ledger: &impl Ledger, key: String, out: &mut Output<'_>) -> Result<(), Failure> {
    if !ledger.stats().await?.disabled_targets.iter().any(|(disabled, _)| *disabled == key) {
        return Err(Failure::Caller(format!("{key} is not disabled; `targets list` shows the ones that are")));
    }
    let mut total = 0;
    loop {
        let release = Release { which: Selection::Target(key.clone()), pass: Pass::Due };
        let count = ledger.release(release).await?;
        total += count;
        if count == 0 {
            return out.line(format!("{key} is enabled; {total} delivery(ies) let go"));
        }
    }
}
