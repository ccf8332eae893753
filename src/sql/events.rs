//! Every step of a mail's life, in one sequence over the whole ledger.

use super::{Param, Sql, Store};
use crate::ledger::LedgerError;

/// What happened.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// A mail was taken.
    Received,
    /// It, or one of its deliveries, began to wait.
    Held,
    /// It was let go.
    Released,
    /// Its deliveries were decided.
    Planned,
    /// A delivery was tried.
    Attempt,
    /// It, or one of its deliveries, reached an end state.
    Ended,
    /// A target was disabled.
    TargetDisabled,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Held => "held",
            Self::Released => "released",
            Self::Planned => "planned",
            Self::Attempt => "attempt",
            Self::Ended => "ended",
            Self::TargetDisabled => "target_disabled",
        }
    }
}

impl<S: Sql> Store<'_, S> {
    /// Writes one event.
    pub(super) fn event(&self, mail: i64, delivery: Option<i64>, kind: Kind, code: &str) -> Result<(), LedgerError> {
        self.sql.query(
            "INSERT INTO events(at, mail, delivery, kind, code) VALUES(?1, ?2, ?3, ?4, ?5)",
            &[self.now.into(), Param::Int(mail), delivery.into(), kind.as_str().into(), code.into()],
        )?;
        Ok(())
    }
}
