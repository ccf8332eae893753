//! The two fingerprints by which a repeated mail is recognised. Which of them counts when is the ledger's business.

use crate::mail::{SenderEmail, hex};
use core::fmt;
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The predecessor's id of a mail: the MD5 of `subject|sender_email|date`, 32 lower-case hexadecimal digits.
///
/// Not unique (two mails of the same second may share it) and no secret; receivers know mails by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailId(String);

impl EmailId {
    /// The id of a mail. `subject` and `date` are the raw strings.
    pub fn of(subject: &str, sender: &SenderEmail, date: &str) -> Self {
        let mut md5 = Md5::new();
        for part in [subject, "|", sender.as_str(), "|", date] {
            md5.update(part);
        }
        Self(hex(&md5.finalize()))
    }

    /// Reads an id written before. `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        is_hex(text, 32).then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The SHA-256 of a mail's raw body, 64 lower-case hexadecimal digits: with the [`EmailId`] it makes the content claim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BodyDigest(String);

impl BodyDigest {
    /// The digest of a body's UTF-8 bytes, whole and unchanged.
    pub fn of(body: &str) -> Self {
        Self(hex(&Sha256::digest(body)))
    }

    /// Reads a digest written before. `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        is_hex(text, 64).then(|| Self(text.to_owned()))
    }

    /// The digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EmailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EmailId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("an e-mail id is 32 lower-case hexadecimal digits")
    }
}

impl TryFrom<String> for BodyDigest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a body digest is 64 lower-case hexadecimal digits")
    }
}

impl From<EmailId> for String {
    fn from(id: EmailId) -> Self {
        id.0
    }
}

impl From<BodyDigest> for String {
    fn from(digest: BodyDigest) -> Self {
        digest.0
    }
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_predecessor() {
        let lot = "Média Solution - Missions Recadrage - Lot 42";
        let (noon, early) = ("2026-04-10T09:54:38.000Z", "2026-01-02T03:04:05.000Z");
        let rows = [
            (lot, "technique@client.example", noon, "15e79853936d6954dbd9cd7d19980132"),
            ("Hello", "alice@client.example", early, "894fa9ed281619ef8728994e495e645d"),
            ("Hello ", "alice@client.example", early, "2c405e37abd83b6e0d842e30915611f3"),
            ("", "ops@client.example", "", "72be750b8778db1002724ecabd2f2c09"),
            ("Hi", "foo@bar.fr", "2026-01-01T00:00:00Z", "d2dc62a28302458466404afe9ddc9302"),
        ];
        for (subject, sender, date, id) in rows {
            assert_eq!(EmailId::of(subject, &SenderEmail::from_raw(sender), date).as_str(), id, "{subject}");
        }
    }

    #[test]
    fn the_body_digest_is_sha_256() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(BodyDigest::of("abc").as_str(), abc);
        assert_ne!(BodyDigest::of("abc "), BodyDigest::of("abc"));
    }

    #[test]
    fn only_their_own_spelling_is_read() {
        let (id, digest) = (EmailId::of("a", &SenderEmail::from_raw("b"), "c"), BodyDigest::of("a"));
        assert_eq!(EmailId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(EmailId::parse(&id.as_str().to_uppercase()), None);
        assert_eq!(EmailId::parse(digest.as_str()), None);
        assert_eq!(BodyDigest::parse(id.as_str()), None);
        assert!(serde_json::from_str::<EmailId>("\"x\"").is_err());
        assert_eq!(serde_json::to_string(&digest).unwrap(), format!("\"{}\"", digest.as_str()));
    }
}
