//! The provider links of a mail: where its files wait to be fetched.
//!
//! A link is recognised by its real host, never by a name somewhere inside it. Nothing is fetched or rewritten here, and
//! no preview page is turned into a download: that is `files`. Every function is linear in its input.

mod candidates;
mod preview;
mod provider;
#[cfg(test)]
mod tests;
mod trailing;

pub use provider::Provider;

use crate::mail::text::decode_entities;
use candidates::Candidates;
use serde::{Deserialize, Serialize};

/// The most links taken from one mail.
pub const MAX_LINKS: usize = 50;

/// The longest link taken, in characters; longer ones are passed over.
pub const MAX_LINK_CHARS: usize = 4_096;

/// One link, in the shape the payload carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whose link it is.
    pub provider: Provider,
    /// The address as written in the mail, entities decoded, trailing punctuation trimmed.
    pub raw_url: String,
}

/// The links of a body, HTML or text, in its order: each once, at most [`MAX_LINKS`], Dropbox's preview images left out.
///
/// Entities are decoded once, and only those that end in `;`, so that `?x=1&copy=2` survives.
pub fn extract(text: &str) -> Vec<Link> {
    let text = decode_entities(text);
    let mut links: Vec<Link> = Vec::new();
    for (provider, url) in Candidates::of(&text) {
        if links.len() == MAX_LINKS {
            break;
        }
        let known = links.iter().any(|link| link.raw_url == url);
        if !known && is_short(url) && !preview::is_preview_image(url) {
            links.push(Link { provider, raw_url: url.to_owned() });
        }
    }
    links
}

/// Whether a text holds any provider link, previews and over-long ones included.
pub fn mentions_provider(text: &str) -> bool {
    Candidates::of(&decode_entities(text)).next().is_some()
}

fn is_short(url: &str) -> bool {
    url.chars().nth(MAX_LINK_CHARS).is_none()
}
