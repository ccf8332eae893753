//! Why the ledger could not answer.

use serde::{Deserialize, Serialize};

/// The ledger's failures. None is the caller's fault, and all are worth another try later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum LedgerError {
    /// The store did not answer or did not confirm. The step may have been applied or not.
    #[error("the ledger is unavailable: {0}")]
    Unavailable(String),
    /// The store is too full to take more. Nothing was written.
    #[error("the ledger is full")]
    Full,
    /// What is stored does not read as what was written: a fault of ours, or a damaged file.
    #[error("the ledger holds something unreadable: {0}")]
    Corrupt(String),
    /// The store would lose what it takes. Nothing is taken until it is set otherwise.
    #[error("the ledger is not durable: {0}")]
    NotDurable(String),
}

impl LedgerError {
    /// The stable code of the failure.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "store_unavailable",
            Self::Full => "store_full",
            Self::Corrupt(_) => "store_corrupt",
            Self::NotDurable(_) => "store_not_durable",
        }
    }
}
