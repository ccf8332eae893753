//! How long things are kept.

use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Claims outlive a mail's end state by this many days: within them a mail is never taken twice.
pub const CLAIM_DAYS: u32 = 30;

/// Dead letters that nobody replayed or dismissed are kept this long.
pub const DEAD_LETTER_DAYS: u32 = 90;

/// The two clocks of retention, both from a mail's end state. What has not ended is never removed for its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// How long bodies are kept.
    pub bodies: Duration,
    /// How long the record of a mail is kept.
    pub records: Duration,
}

/// What one page of the sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// Bodies removed.
    pub bodies: u64,
    /// Mails removed with everything that belonged to them.
    pub records: u64,
    /// Claims removed.
    pub claims: u64,
    /// Whether another page is waiting.
    pub more: bool,
}

/// How full the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fullness {
    /// Bytes in use.
    pub used: u64,
    /// Bytes there may be; `None` when the store knows no limit.
    pub limit: Option<u64>,
}

impl Fullness {
    /// From this share on, the oldest ended bodies go first and health is degraded.
    pub const DEGRADED_PERCENT: u64 = 80;
    /// From this share on, nothing more is taken.
    pub const REFUSED_PERCENT: u64 = 95;

    /// The share in use, in percent; 0 when there is no limit.
    pub fn percent(&self) -> u64 {
        match self.limit {
            Some(limit) if limit > 0 => self.used.saturating_mul(100) / limit,
            _ => 0,
        }
    }
}
