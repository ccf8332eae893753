//! Text out of a request's bytes.

use super::problem::Problem;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use std::borrow::Cow;

/// The JSON text of a request: UTF-8 with or without a byte order mark, or UTF-16 with one. What cannot be decoded, or is not
/// declared as JSON, is an invalid payload.
pub(super) fn json_text<'a>(headers: &HeaderMap, bytes: &'a [u8]) -> Result<Cow<'a, str>, Problem> {
    if !is_json(headers) {
        return Err(Problem::invalid_json());
    }
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        bytes => utf8(bytes),
    }
}

/// `application/json`, or any type with the suffix `+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    core::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Problem::invalid_json())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, Problem> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Problem::invalid_json());
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).collect::<Result<String, _>>().map(Cow::Owned).map_err(|_| Problem::invalid_json())
}
