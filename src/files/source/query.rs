//! The one spelling of a Dropbox link's query.

use core::cmp::Ordering;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

/// Everything in a name or value but letters, digits, `-._~` and the space, which becomes `+`.
const FORM: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b' ');

/// What is left of a `&` that was written as an entity and then encoded, up to three times over.
const AMPERSANDS: [&str; 5] = ["amp%3B", "amp%253B", "amp%253b", "amp%25253B", "amp%25253b"];

/// Names and values, as bytes: an escape need not be UTF-8.
type Pair = (Vec<u8>, Vec<u8>);

/// The parameters of `raw`, which has no `?`, sorted by name in lower case, then by value, form-encoded, each pair once.
///
/// Parameters without a name or value go (`rlkey`, which opens a share, may be empty), as does every `dl`; `dl=1` comes in.
/// Escapes are brought to one form before [`AMPERSANDS`] are looked for; else one spelled `%61mp%3B` would only be seen
/// when the result is normalised again.
pub(super) fn normalise(raw: &str) -> String {
    let mut text = with_one_escape_each(raw);
    for ampersand in AMPERSANDS {
        text = text.replace(ampersand, "&");
    }
    let mut pairs: Vec<Pair> = read(&text).filter(is_kept).collect();
    pairs.push((b"dl".to_vec(), b"1".to_vec()));
    pairs.sort_unstable_by(order);
    pairs.dedup();
    write(pairs)
}

/// `raw` with each character escaped as [`encoded`] does; its own `&` and `=` go on parting.
fn with_one_escape_each(raw: &str) -> String {
    let one = |pair: &str| pair.split('=').map(|part| encoded(&decoded(part))).collect::<Vec<_>>().join("=");
    raw.split('&').map(one).collect::<Vec<_>>().join("&")
}

fn read(query: &str) -> impl Iterator<Item = Pair> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> Vec<u8> {
    percent_decode(text.replace('+', " ").as_bytes()).collect()
}

fn is_kept((name, value): &Pair) -> bool {
    !name.is_empty() && !name.eq_ignore_ascii_case(b"dl") && (!value.is_empty() || name == b"rlkey")
}

/// The name as written comes last, so that the order of `A=1&a=1` does not depend on the mail.
fn order(a: &Pair, b: &Pair) -> Ordering {
    let lower = |pair: &Pair| pair.0.to_ascii_lowercase();
    lower(a).cmp(&lower(b)).then_with(|| a.1.cmp(&b.1)).then_with(|| a.0.cmp(&b.0))
}

fn write(pairs: impl IntoIterator<Item = Pair>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(bytes: &[u8]) -> String {
    percent_encode(bytes, &FORM).to_string().replace(' ', "+")
}
