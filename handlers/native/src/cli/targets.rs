//! `render-signal targets`: the receivers that said they are gone.

use super::Failure;
use super::output::line;
use crate::store::SqliteStore;
use clap::Subcommand;
use render_signal::ledger::{Pass, Release, Selection};
use render_signal::ports::Ledger as _;

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
    pub(super) async fn run(self, store: &SqliteStore) -> Result<(), Failure> {
        match self {
            Self::List => list(store).await,
            Self::Enable { key } => enable(store, key).await,
        }
    }
}

async fn list(store: &SqliteStore) -> Result<(), Failure> {
    let stats = store.stats().await?;
    if stats.disabled_targets.is_empty() {
        return line("no target is disabled");
    }
    for (key, code) in &stats.disabled_targets {
        line(format!("{key} {code}"))?;
    }
    Ok(())
}

async fn enable(store: &SqliteStore, key: String) -> Result<(), Failure> {
    if !store.stats().await?.disabled_targets.iter().any(|(disabled, _)| *disabled == key) {
        return Err(Failure::Caller(format!("{key} is not disabled; `targets list` shows the ones that are")));
    }
    let mut total = 0;
    loop {
        let release = Release { which: Selection::Target(key.clone()), pass: Pass::Due };
        let count = store.release(release).await?;
        total += count;
        if count == 0 {
            return line(format!("{key} is enabled; {total} delivery(ies) let go"));
        }
    }
}
