//! The address a copy is fetched from.

mod address;
mod dropbox;
mod query;
mod refusal;

pub use refusal::SourceRefusal;

use crate::links::Provider;
use crate::mail::text::decode_entities;
use address::Address;
use core::fmt;

/// An https URL on a provider's host, without user info and control characters, in one spelling.
///
/// The port is free, as with the predecessor. The path of a Dropbox source is percent-encoded, and holds no fragment; any
/// other source stands as the mail wrote it, accents and blanks included. There is no limit of length beyond that of
/// [`crate::links::MAX_LINK_CHARS`]. A share URL opens what it points to, so `Debug` shows no more than the host.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source(String);

/// How many times entities, or a percent-encoding of the whole URL, are read away. What is wrapped deeper is refused.
const ROUNDS: usize = 3;

impl Source {
    /// The source a raw link stands for. Normalising a source again changes nothing.
    ///
    /// Every provider: blanks around it are dropped, entities that end in `;` are decoded, `http` becomes `https`. Dropbox
    /// besides: a URL encoded as a whole is decoded, host, path and query get one spelling, `dl=1` asks for the file
    /// instead of its page.
    ///
    /// Where it leaves the predecessor: an entity needs its `;` (`&copy=2` is a parameter); `http` becomes `https` for every
    /// provider, because nothing is fetched in clear; schemes other than these two and user info are refused; escapes in
    /// the path or query of a URL that is not encoded as a whole are decoded once, within their segment or parameter, so
    /// that an escaped `#`, `?` or `&` belongs to a name; bytes that are no UTF-8 keep their value; a final dot of a
    /// Dropbox host is dropped.
    pub fn normalise(provider: Provider, raw_url: &str) -> Result<Self, SourceRefusal> {
        let text = without_entities(raw_url).ok_or(SourceRefusal::NotAUrl)?;
        match provider {
            Provider::Dropbox => dropbox::normalise(&text).map(Self),
            Provider::FromSmash | Provider::SwissTransfer => as_written(&text).map(Self),
        }
    }

    /// The URL in full, to fetch or to store. Not for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What may be shown: `https://host/***`.
    pub fn masked(&self) -> String {
        let authority = self.0.split(['/', '?', '#']).nth(2).unwrap_or_default();
        format!("https://{authority}/***")
    }

    /// The last segment of the path, as it stands; empty when there is none.
    pub(super) fn last_segment(&self) -> &str {
        let place = self.0.split(['?', '#']).next().unwrap_or_default();
        let path = place.splitn(4, '/').nth(3).unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.masked())
    }
}

/// `raw` without entities and without blanks around it. `None` when [`ROUNDS`] do not reach text that stays as it is:
/// going on would be quadratic for `&amp;amp;amp;…`, and stopping would leave a source that reads differently each time.
fn without_entities(raw: &str) -> Option<String> {
    let mut text = raw.to_owned();
    for _ in 0..=ROUNDS {
        let decoded = decode_entities(text.trim()).trim().to_owned();
        if decoded == text {
            return Some(text);
        }
        text = decoded;
    }
    None
}

/// The link of a provider whose URLs have no known second spelling: only the scheme is lifted.
fn as_written(text: &str) -> Result<String, SourceRefusal> {
    // A URL parser drops tabs and line breaks: what it fetched would not be what was judged here.
    if text.contains(char::is_control) {
        return Err(SourceRefusal::NotAUrl);
    }
    Address::read(text)?;
    let rest = address::after_scheme(text).ok_or(SourceRefusal::NotAUrl)?;
    Ok(format!("https://{rest}"))
}

#[cfg(test)]
mod tests;
