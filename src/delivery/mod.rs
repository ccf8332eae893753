//! A delivery: what is sent to a webhook target, under which name, how it is signed, and what an answer means.
//!
//! Everything here is a pure decision over plain values. It does *not* send (the `fetch` port), keep the due time (the
//! ledger), or decide whether sending is open at all (the gate of `flow`).

pub mod address;
pub mod outcome;
pub mod payload;
pub mod retry_after;
pub mod signature;

mod id;
mod schedule;
mod secret;
mod target;

pub use address::Loopback;
pub use id::DeliveryId;
pub use schedule::{Jitter, Schedule};
pub use secret::{Secret, SecretRefusal};
pub use target::{TargetKey, TargetUrl, UrlPolicy, UrlRefusal};
