//! The name a receiver knows a delivery by.

use crate::mail::{MailId, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The `webhook-id` of a delivery: `msg_<mail id>_<10 hex digits>`, 41 characters of `[a-z0-9_]`.
///
/// It is derived, never drawn: processing a mail again after a crash finds the same id, so that a receiver which keeps
/// ids sees one delivery whatever happened on our side. It holds no full stop, which would blur the signed text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeliveryId(String);

/// Bytes of the digest that are kept: 40 bits tell apart the few deliveries of one mail.
const DIGEST_BYTES: usize = 5;

impl DeliveryId {
    /// The id of the delivery of `mail` to the target known as `target_key`.
    ///
    /// `generation` is 0 for the delivery a mail first makes and grows by one with each replay under today's rules,
    /// which is a new delivery and needs a new id.
    pub fn derive(mail: &MailId, target_key: &str, generation: u32) -> Self {
        let digest = Sha256::new()
            .chain_update(mail.as_str()) // fixed length, as is the number: the three parts cannot run into each other
            .chain_update(generation.to_be_bytes())
            .chain_update(target_key)
            .finalize();
        Self(format!("msg_{mail}_{}", hex(digest.get(..DIGEST_BYTES).unwrap_or(&digest))))
    }

    /// Reads an id that was written before. `None` when it is not one, in exactly our spelling.
    pub fn parse(text: &str) -> Option<Self> {
        let (mail, digest) = text.strip_prefix("msg_")?.split_once('_')?;
        MailId::parse(mail)?;
        let is_digest =
            digest.len() == 2 * DIGEST_BYTES && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_digest.then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for DeliveryId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a delivery id: {text}"))
    }
}

impl From<DeliveryId> for String {
    fn from(id: DeliveryId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Timestamp;

    const MAIL: &str = "01kmcwye1rafxyjtc8r42cvzjf";

    fn mail() -> MailId {
        MailId::parse(MAIL).unwrap()
    }

    #[test]
    fn is_the_digest_of_its_three_parts() {
        // SHA-256 of the mail id, four big-endian bytes and the key, computed outside this code.
        assert_eq!(DeliveryId::derive(&mail(), "url_x", 0).as_str(), "msg_01kmcwye1rafxyjtc8r42cvzjf_6c4da9f011");
        assert_eq!(DeliveryId::derive(&mail(), "url_x", 0), DeliveryId::derive(&mail(), "url_x", 0));
    }

    #[test]
    fn differs_by_mail_target_and_generation() {
        let other = MailId::new(Timestamp::from_millis(1), 1);
        let ids = [
            DeliveryId::derive(&mail(), "url_x", 0),
            DeliveryId::derive(&mail(), "url_x", 1),
            DeliveryId::derive(&mail(), "url_y", 0),
            DeliveryId::derive(&mail(), "", 0),
            DeliveryId::derive(&other, "url_x", 0),
        ];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    #[test]
    fn only_its_own_spelling_is_read() {
        let id = DeliveryId::derive(&mail(), "url_x", 7);
        assert_eq!(DeliveryId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(id.to_string().len(), 41);
        let upper = format!("msg_{}_0123456789", MAIL.to_uppercase());
        for text in ["", "msg_", MAIL, &format!("msg_{MAIL}"), &format!("msg_{MAIL}_012345678"), &upper] {
            assert_eq!(DeliveryId::parse(text), None, "{text}");
        }
        for digest in ["012345678A", "01234567890", "01234 6789", "0123_56789"] {
            assert_eq!(DeliveryId::parse(&format!("msg_{MAIL}_{digest}")), None, "{digest}");
        }
    }

    #[test]
    fn travels_as_its_text() {
        let id = DeliveryId::derive(&mail(), "url_x", 0);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, "\"msg_01kmcwye1rafxyjtc8r42cvzjf_6c4da9f011\"");
        assert_eq!(serde_json::from_str::<DeliveryId>(&json).unwrap(), id);
        assert!(serde_json::from_str::<DeliveryId>("\"msg_x\"").is_err());
    }
}
