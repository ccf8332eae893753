//! Who is calling: the address of a client behind trusted proxies, and whether an address is Google's.
//!
//! It does not look at secrets, and it blocks nobody: it answers questions, the handlers decide.

mod client_address;
mod dns_json;
mod source_check;

pub use client_address::{BadTrustedProxy, TrustedProxy, client_address};
pub use dns_json::{LONGEST_ANSWER, Question, RecordKind};
pub use source_check::{SourceVerdict, is_google};
