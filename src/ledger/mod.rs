//! The words of the ledger: what is admitted, leased, planned, recorded and kept.
//!
//! These are plain values, the same for every store; the port is [`crate::ports::Ledger`], and the implementation over any
//! SQLite is [`crate::sql`].

mod admission;
mod error;
mod lease;
mod plan;
mod reason;
mod report;
mod retention;
mod state;
mod view;

pub use admission::{Admission, Admitted, Dedup, GroupClaim, NewMail, Verdict};
pub use error::LedgerError;
pub use lease::{
    BATCH_BODY_KIB, Batch, DeliveryJob, HourlyLimit, LEASE_TIME, Lease, LeaseRequest, LeaseToken, MOST_LEASES, Pass,
    RENEW_EVERY, StoredMail, Work,
};
pub use plan::{NewDelivery, Plan, Planned};
pub use reason::{HoldReason, RefusalReason, SkipReason};
pub use report::{Attempt, Next, Recorded, Release, Report, Selection};
pub use retention::{CLAIM_DAYS, DEAD_LETTER_DAYS, Fullness, Retention, Swept};
pub use state::{DeliveryState, MailState};
pub use view::{AttemptView, DeliveryView, EventView, MailFilter, MailLife, MailPage, MailSummary, Stats};
