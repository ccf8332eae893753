//! The ledger's own name of a mail.

use crate::calendar::Timestamp;
use serde::{Deserialize, Serialize};

/// An opaque, time-ordered id, made once at acceptance: the key of the mail's row and the seed of every `webhook-id`.
/// Twenty-six lower-case characters of Crockford's base 32 (a ULID).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailId(String);

impl MailId {
    /// The id of a mail accepted at `at`; `random` comes from the entropy port.
    pub fn new(at: Timestamp, random: u128) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        Self(ulid::Ulid::from_parts(millis, random).to_string().to_ascii_lowercase())
    }

    /// Reads an id that was written before. `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let canonical = ulid::Ulid::from_string(text).ok()?.to_string().to_ascii_lowercase();
        (canonical == text).then_some(Self(canonical))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Display for MailId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for MailId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a mail id: {text}"))
    }
}

impl From<MailId> for String {
    fn from(id: MailId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_acceptance() {
        let early = MailId::new(Timestamp::from_millis(1_000), u128::MAX);
        let late = MailId::new(Timestamp::from_millis(1_001), 0);
        assert!(early < late);
    }

    #[test]
    fn only_its_own_spelling_is_read() {
        let id = MailId::new(Timestamp::from_millis(1_774_745_999_123), 7);
        assert_eq!(MailId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(MailId::parse(&id.as_str().to_uppercase()), None);
        assert_eq!(MailId::parse("x"), None);
    }
}
