//! What the property tests of this module feed it: trouble, and two spellings of one link.

use proptest::prelude::*;

/// What a URL is made of, and what is mistaken for it.
const PIECES: &str = "https:// http%3A%2F%2F HTTP:// :// www.dropbox.com dropbox.com fromsmash.com wetransfer.com evil.example \
    . .. / // /../ %2e %2F %252F %23 %3F ? # & &amp; &amp;amp; &#38; &lt; &copy amp; amp%3B amp%3b amp%253B %61mp%3B %25 % %4 \
    dl=0 DL=1 rlkey= rlkey = + a A x=1 é %C3%A9 %E9 \\ @ :443 : ; \0 .zip %00 %0A xn--";

/// Beginnings that let the rest be reached.
const STARTS: [&str; 4] =
    ["https://www.dropbox.com/", "http%3A%2F%2Fdropbox.com", "https://fromsmash.com", "https://dropbox.com?"];

fn piece() -> impl Strategy<Value = &'static str> {
    let blanks = [" ", "\t", "\n"];
    prop::sample::select(PIECES.split_ascii_whitespace().chain(blanks).collect::<Vec<_>>())
}

/// Pieces that are trouble, behind a good start half of the time, and any text at all.
pub(super) fn hostile_url() -> impl Strategy<Value = String> {
    let soup = || prop::collection::vec(piece(), 0..16).prop_map(|pieces| pieces.concat());
    prop_oneof![
        1 => any::<String>(),
        2 => soup(),
        4 => (prop::sample::select(STARTS.as_slice()), soup()).prop_map(|(start, rest)| format!("{start}{rest}")),
    ]
}

/// A plain Dropbox URL and another spelling of it.
pub(super) fn equal_spellings() -> impl Strategy<Value = (String, String)> {
    let segments = prop::collection::vec("[A-Za-z0-9._~-]{1,8}", 1..4);
    let pairs = prop::collection::btree_map("[a-z]{3,6}", "[A-Za-z0-9]{1,6}", 0..4);
    (segments, pairs, any::<[bool; 9]>()).prop_map(|(segments, pairs, turns)| {
        let turn = |n: usize, yes: &'static str, no: &'static str| if turns[n] { yes } else { no };
        let mut query: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let plain = format!("https://www.dropbox.com/{}?{}", segments.join("/"), query.join("&"));
        query.push(turn(0, "dl=0", "Dl=").to_owned());
        if turns[1] {
            query.reverse();
        }
        let spelled = format!(
            "{}{}{}/{}{}?{}{}",
            turn(2, "http://", "HTTPS://"),
            turn(3, "WWW.Dropbox.com", "www.dropbox.com."),
            turn(4, ":443", ""),
            segments.join(turn(5, "//", "/")),
            turn(6, "/", ""),
            query.join(turn(7, "&amp;", "&amp%3B")),
            turn(1, "#top", ""),
        );
        let whole = percent_encoding::percent_encode(spelled.as_bytes(), percent_encoding::NON_ALPHANUMERIC);
        (plain, if turns[8] { whole.to_string() } else { spelled })
    })
}
