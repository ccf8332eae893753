//! The port that sends one request to a webhook target.
//!
//! It sends and reads, within bounds; what the answer means is decided by `delivery::outcome`, and when to try again by
//! the schedule.

use core::time::Duration;

use bytes::Bytes;

use crate::delivery::TargetUrl;
use crate::delivery::outcome::{Answer, SendError};

/// Sends a request out of the house.
///
/// **Idempotence:** none. One call is at most one request on the wire, never repeated by the adapter; after any error
/// except [`SendError::ForbiddenAddress`] and [`SendError::Dns`] the target may have acted on it, so a repeat carries the
/// same `webhook-id`. **Failure:** any status is an answer, a redirect too, since none is followed. Only the lack of an
/// answer is an error. **Cost:** up to [`Outgoing::timeout`], memory for [`Outgoing::max_answer`] bytes; a connection is
/// kept for the next call when the answer was read to its end.
///
/// Whatever the URL says, nothing is sent to an address that `delivery::address::is_forbidden`, neither written nor
/// behind a name, and the address that was judged is the one connected to.
#[allow(async_fn_in_trait, reason = "a home is a concrete type: rustc sees whether its futures are `Send`")]
pub trait Fetch {
    /// Sends `request` as a `POST` and reads the answer, of the body at most [`Outgoing::max_answer`] bytes.
    ///
    /// An adapter adds `User-Agent`, `Accept`, `Accept-Encoding` and what carries the body, no cookie and no `Referer`.
    async fn send(&self, request: Outgoing) -> Result<Answer, SendError>;
}

/// One request to send.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Where to.
    pub url: TargetUrl,
    /// Headers beside those the adapter adds: media type, signature. One of the adapter's own names replaces its value.
    /// A name or value that HTTP does not allow is [`SendError::Protocol`], and nothing is sent.
    pub headers: Vec<(String, String)>,
    /// The body, exactly as signed.
    pub body: Bytes,
    /// For everything together: name, connection, TLS, request, and the answer with its body.
    pub timeout: Duration,
    /// Whether the target must prove who it is.
    pub tls: Tls,
    /// At most so many bytes of the answer's body are read, counted after decompression; the rest is thrown away.
    pub max_answer: usize,
}

/// What an https target has to prove.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tls {
    /// That a public authority vouches for its name.
    #[default]
    Verified,
    /// Nothing: encrypted, but to whoever answers (`webhook_ssl_verify` off). Addresses stay vetted.
    Unverified,
}
