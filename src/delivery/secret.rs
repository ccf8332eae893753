//! The shared secret that signs deliveries.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit};
use sha2::Sha256;

/// A signing secret, read so that a Standard Webhooks library given the same text at the receiver finds the same key:
///
/// | text (blanks around it dropped) | key | at the receiver |
/// |---|---|---|
/// | `whsec_` + base64 | the decoded bytes | give the library the same text |
/// | base64 without the prefix | the decoded bytes, whatever their number: the libraries decode it too | same text |
/// | anything else | the UTF-8 bytes of the text, where the libraries refuse it | the library's *raw* constructor, or [`portable`](Self::portable) |
///
/// "Base64" is the standard alphabet, padded and canonical. Mind the second row: a pass phrase such as `password` or 32
/// hexadecimal digits *is* base64. A receiver written by hand that uses such a text as it stands will not agree;
/// `whsec_` leaves no doubt, and `portable` gives that spelling for any secret. 24 to 64 bytes are recommended, one is
/// the least. `Debug` tells nothing.
#[derive(Clone)]
pub struct Secret {
    key: Vec<u8>,
    mac: Hmac<Sha256>,
}

const PREFIX: &str = "whsec_";

impl Secret {
    /// Reads a secret as configured.
    pub fn parse(text: &str) -> Result<Self, SecretRefusal> {
        let key = key_of(text.trim())?;
        if key.is_empty() {
            return Err(SecretRefusal::Empty);
        }
        let mac = Hmac::new_from_slice(&key).map_err(|_| SecretRefusal::Empty)?; // HMAC takes keys of any length
        Ok(Self { key, mac })
    }

    /// The spelling that every Standard Webhooks library reads as this very key. This *is* the secret: show it only to
    /// whoever sets it, store it only where secrets are stored.
    pub fn portable(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.key))
    }

    /// HMAC-SHA256 under this key, nothing hashed yet.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        self.mac.clone()
    }
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret(***)")
    }
}

fn key_of(text: &str) -> Result<Vec<u8>, SecretRefusal> {
    match text.strip_prefix(PREFIX) {
        Some(encoded) => STANDARD.decode(encoded).map_err(|_| SecretRefusal::NotBase64),
        None => Ok(STANDARD.decode(text).unwrap_or_else(|_| text.as_bytes().to_vec())),
    }
}

/// Why a text is not a signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretRefusal {
    /// No key at all: anybody could sign with it.
    #[error("the signing secret is empty")]
    Empty,
    /// `whsec_` promises padded standard base64, and a receiver's library would refuse the same text.
    #[error("the signing secret starts with whsec_ but what follows is not padded standard base64")]
    NotBase64,
}

impl SecretRefusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "secret_empty",
            Self::NotBase64 => "secret_not_base64",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Vec<u8> {
        Secret::parse(text).unwrap().key
    }

    #[test]
    fn each_spelling_has_its_key() {
        let decoded = b"secret-number-two-of-32-bytes!!!".to_vec();
        for (text, expected) in [
            ("whsec_c2VjcmV0LW51bWJlci10d28tb2YtMzItYnl0ZXMhISE=", decoded.clone()),
            ("  c2VjcmV0LW51bWJlci10d28tb2YtMzItYnl0ZXMhISE=\n", decoded),
            ("whsec_QQ==", b"A".to_vec()),
            ("correct horse battery staple", b"correct horse battery staple".to_vec()),
            ("clé secrète", "clé secrète".as_bytes().to_vec()),
            // Not canonical base64, so text: no padding, the URL-safe alphabet, loose bits at the end.
            ("c2VjcmV0LW51bWJlci10d28tb2YtMzItYnl0ZXMhISE", b"c2VjcmV0LW51bWJlci10d28tb2YtMzItYnl0ZXMhISE".to_vec()),
            ("ab-_ab-_", b"ab-_ab-_".to_vec()),
            ("QR==", b"QR==".to_vec()),
            // Base64 by accident; the libraries decode it, and so do we.
            ("password", vec![0xa5, 0xab, 0x2c, 0xc2, 0x8a, 0xdd]),
        ] {
            assert_eq!(key(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        for (text, refusal) in [
            ("", SecretRefusal::Empty),
            ("  \n", SecretRefusal::Empty),
            ("whsec_", SecretRefusal::Empty),
            ("whsec_not base64!", SecretRefusal::NotBase64),
            ("whsec_QQ", SecretRefusal::NotBase64),
            ("whsec_ab-_", SecretRefusal::NotBase64),
        ] {
            assert_eq!(Secret::parse(text).map(|_| ()), Err(refusal), "{text}");
        }
    }

    #[test]
    fn the_portable_spelling_is_the_same_key() {
        for text in ["correct horse battery staple", "password", "whsec_QQ=="] {
            let portable = Secret::parse(text).unwrap().portable();
            assert!(portable.starts_with("whsec_"));
            assert_eq!(key(&portable), key(text), "{text}");
        }
    }

    #[test]
    fn debug_is_silent() {
        assert_eq!(format!("{:?}", Secret::parse("whsec_QUJD").unwrap()), "Secret(***)");
    }
}
