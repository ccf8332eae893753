//! The queue of nudges: "there is something due", nothing more.
//!
//! A message that is lost, late or repeated changes nothing: who gets one asks the ledger for due work, whatever the message
//! names, and the ledger's alarm says it again later.

mod consumer;
mod message;
mod nudges;

pub(crate) use message::send;
pub(crate) use nudges::Nudges;
