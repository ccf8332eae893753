//! A mail and its identity: who wrote it, what it says, and the ids it is known by.
//!
//! Nothing here decides what a mail means (`detect`, `rules`) or whether it is new (the ledger).

mod id;

pub use id::MailId;
