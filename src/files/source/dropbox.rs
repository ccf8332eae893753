//! The one spelling of a Dropbox link, which asks for the file instead of the page about it.

use super::address::{Address, after_scheme};
use super::{ROUNDS, SourceRefusal, query};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use std::borrow::Cow;

/// Everything in a segment but letters, digits and `-._~`.
const SEGMENT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text`, its entities decoded, as `https://host[:port]/path?query`; a fragment is dropped, as is port 443.
pub(super) fn normalise(text: &str) -> Result<String, SourceRefusal> {
    let text = unwrapped(text).ok_or(SourceRefusal::NotAUrl)?;
    let Address { host, port, tail } = Address::read(&text)?;
    let port = port.filter(|port| *port != 443).map(|port| format!(":{port}")).unwrap_or_default();
    let tail = tail.split_once('#').map_or(tail, |(tail, _)| tail);
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    Ok(format!("https://{host}{port}{}?{}", path_of(path), query::normalise(query)))
}

/// A URL that was percent-encoded as a whole (`https%3A%2F%2F…`), decoded. One that has its `://` is never decoded as a
/// whole: its escapes are what tells the `#` of a file name from a fragment.
fn unwrapped(text: &str) -> Option<Cow<'_, str>> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        if after_scheme(&text).is_some() {
            break;
        }
        let decoded = percent_decode_str(&text).decode_utf8().ok()?.trim().to_owned();
        text = Cow::Owned(decoded);
    }
    Some(text)
}

/// The path in one encoding, without empty segments; `/` when nothing is left. An encoded slash parts segments too.
fn path_of(raw: &str) -> String {
    let bytes: Vec<u8> = percent_decode_str(raw).collect();
    let mut path = String::with_capacity(raw.len());
    for segment in bytes.split(|byte| *byte == b'/').filter(|segment| !segment.is_empty()) {
        path.push('/');
        path.extend(percent_encode(segment, &SEGMENT));
    }
    if path.is_empty() { "/".to_owned() } else { path }
}
