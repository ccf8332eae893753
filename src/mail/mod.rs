//! A mail and its identity: who wrote it, what it says, and the ids it is known by.
//!
//! Nothing here decides what a mail means (`detect`, `rules`) or whether it is new (the ledger).

pub mod address;
mod hex;
mod id;
mod identity;
pub mod mask;
mod message;
mod sender;
mod source;
pub mod subject_group;
pub mod text;

pub use address::Address;
pub(crate) use hex::hex;
pub use id::MailId;
pub use identity::{BodyDigest, EmailId};
pub use message::Mail;
pub use sender::SenderEmail;
pub use source::Source;
pub use subject_group::SubjectGroup;
