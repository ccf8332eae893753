//! Standard Webhooks v1: the three headers that let a receiver know who sent a delivery, which one it is, and when.
//!
//! `webhook-id` and `webhook-timestamp` go with every delivery, `webhook-signature` with those whose target has a
//! secret: HMAC-SHA256 over `id.timestamp.body`, one signature for each secret, so that a secret can be rotated without
//! a moment at which neither side agrees. Nothing here knows HTTP; the body is the very bytes that are sent.

use super::{DeliveryId, Secret};
use crate::calendar::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::time::Duration;
use hmac::Mac;
use subtle::{Choice, ConstantTimeEq};

/// How far the signing time may lie from the verifier's clock, either way.
pub const TOLERANCE: Duration = Duration::from_mins(5);

const VERSION: &str = "v1";

/// The headers of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHeaders {
    /// `webhook-id`: the same over every attempt of a delivery.
    pub id: String,
    /// `webhook-timestamp`: whole seconds since the epoch at which this attempt was signed.
    pub timestamp: String,
    /// `webhook-signature`: `v1,<base64>` for each secret, separated by spaces; absent without a secret.
    pub signature: Option<String>,
}

impl SignedHeaders {
    /// Names and values, ready for a request.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let signature = self.signature.as_deref().map(|value| ("webhook-signature", value));
        [("webhook-id", self.id.as_str()), ("webhook-timestamp", self.timestamp.as_str())].into_iter().chain(signature)
    }
}

/// Signs one attempt of a delivery with each secret, in their order.
pub fn sign(secrets: &[Secret], id: &DeliveryId, at: Timestamp, body: &[u8]) -> SignedHeaders {
    sign_event(secrets, id.as_str(), at, body)
}

/// Signs an event that is not a delivery, such as a failure notice. The id must be ours and hold no full stop: it
/// delimits the signed text.
pub fn sign_event(secrets: &[Secret], id: &str, at: Timestamp, body: &[u8]) -> SignedHeaders {
    let timestamp = at.as_secs().to_string();
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| format!("{VERSION},{}", STANDARD.encode(tag(secret, id, &timestamp, body))))
        .collect();
    let signature = (!signatures.is_empty()).then(|| signatures.join(" "));
    SignedHeaders { id: id.to_owned(), timestamp, signature }
}

/// The headers of a received request, as text.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedHeaders<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signature: &'a str,
}

/// Why a received request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The timestamp is not a whole number of seconds.
    #[error("webhook-timestamp is not a number of seconds")]
    BadTimestamp,
    /// Signed more than [`TOLERANCE`] before now.
    #[error("webhook-timestamp is too old")]
    TooOld,
    /// Signed more than [`TOLERANCE`] after now.
    #[error("webhook-timestamp is in the future")]
    TooNew,
    /// No `v1` signature was made with any of the secrets.
    #[error("no signature matches")]
    NoMatch,
}

/// Checks a received request against each secret. Every signature is compared with every secret in constant time,
/// whether or not one has matched; the body is hashed once for each secret.
pub fn verify(
    secrets: &[Secret],
    headers: ReceivedHeaders<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), VerifyError> {
    check_age(headers.timestamp, now)?;
    let expected: Vec<_> = secrets.iter().map(|secret| tag(secret, headers.id, headers.timestamp, body)).collect();
    let mut matched = Choice::from(0);
    for signature in candidates(headers.signature) {
        for tag in &expected {
            matched |= tag.as_slice().ct_eq(&signature);
        }
    }
    if bool::from(matched) { Ok(()) } else { Err(VerifyError::NoMatch) }
}

/// The signatures of a version we know that can be decoded at all.
fn candidates(header: &str) -> impl Iterator<Item = Vec<u8>> {
    header
        .split(' ')
        .filter_map(|entry| entry.split_once(','))
        .filter(|(version, _)| *version == VERSION)
        .filter_map(|(_, encoded)| STANDARD.decode(encoded).ok())
}

fn check_age(timestamp: &str, now: Timestamp) -> Result<(), VerifyError> {
    let is_number = !timestamp.is_empty() && timestamp.bytes().all(|b| b.is_ascii_digit());
    let signed: i64 = timestamp.parse().ok().filter(|_| is_number).ok_or(VerifyError::BadTimestamp)?;
    let tolerance = i64::try_from(TOLERANCE.as_secs()).unwrap_or(i64::MAX);
    match now.as_secs().saturating_sub(signed) {
        age if age > tolerance => Err(VerifyError::TooOld),
        age if age < -tolerance => Err(VerifyError::TooNew),
        _ => Ok(()),
    }
}

/// HMAC-SHA256 over `id.timestamp.body`.
fn tag(secret: &Secret, id: &str, timestamp: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = secret.mac();
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
