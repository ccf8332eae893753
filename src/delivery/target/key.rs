//! The key of a target that is only a URL.

use crate::mail::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `url_` and the first 16 hexadecimal digits of the SHA-256 of a normalised URL. It tells targets apart without
/// telling where they are, so that it may stand in logs, in the ledger's index and in answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TargetKey(String);

const PREFIX: &str = "url_";
const DIGEST_BYTES: usize = 8;

impl TargetKey {
    pub(super) fn of(url: &str) -> Self {
        let digest = Sha256::digest(url);
        Self(format!("{PREFIX}{}", hex(digest.get(..DIGEST_BYTES).unwrap_or(&digest))))
    }

    /// Reads a key that was written before. `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let digest = text.strip_prefix(PREFIX)?;
        let is_digest =
            digest.len() == 2 * DIGEST_BYTES && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_digest.then(|| Self(text.to_owned()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Display for TargetKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TargetKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a target key: {text}"))
    }
}

impl From<TargetKey> for String {
    fn from(key: TargetKey) -> Self {
        key.0
    }
}
