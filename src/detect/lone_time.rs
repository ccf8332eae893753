//! The fallback: a time that stands alone anywhere in a text, as a whole word and not inside a URL.

use super::hour::{self, Style};
use crate::calendar::TimeOfDay;
use crate::mail::text::is_word_char;

/// The first such time; `14h30` anywhere outranks `14:30` anywhere. Reads a folded, squeezed text.
pub(super) fn find(text: &str) -> Option<TimeOfDay> {
    let pieces = || text.split([' ', '<', '>', '"']).map(before_url);
    Style::ALL.iter().find_map(|style| pieces().find_map(|piece| in_piece(piece, *style)))
}

fn in_piece(piece: &str, style: Style) -> Option<TimeOfDay> {
    let mut rest = piece;
    let mut after_word = false;
    while let Some((before, from_digit)) =
        rest.find(|c: char| c.is_ascii_digit()).and_then(|at| rest.split_at_checked(at))
    {
        let begins_word = !before.chars().next_back().map_or(after_word, is_word_char);
        let time = hour::read(from_digit, style).filter(|(_, tail)| begins_word && !tail.starts_with(is_word_char));
        if let Some((time, _)) = time {
            return Some(time);
        }
        rest = from_digit.trim_start_matches(|c: char| c.is_ascii_digit());
        after_word = true;
    }
    None
}

/// The part of a piece without blanks that comes before a URL in it: one with a scheme, with `www.`, or a bare
/// `host.tld/…`.
fn before_url(piece: &str) -> &str {
    let start = [scheme_start(piece), piece.find("www."), bare_host_start(piece)].into_iter().flatten().min();
    start.and_then(|at| piece.get(..at)).unwrap_or(piece)
}

fn scheme_start(piece: &str) -> Option<usize> {
    let (before, _) = piece.split_once("://")?;
    Some(before.trim_end_matches(char::is_alphanumeric).len())
}

/// The start of the first run before a `/` that looks like a host.
fn bare_host_start(piece: &str) -> Option<usize> {
    let mut from = 0;
    piece.match_indices('/').find_map(|(slash, _)| {
        let segment = piece.get(from..slash)?;
        let host = segment.get(segment.trim_end_matches(is_host_char).len()..)?;
        from = slash + 1;
        is_host(host).then_some(slash - host.len())
    })
}

fn is_host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-')
}

fn is_host(text: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(name, top)| {
        name.ends_with(|c: char| c.is_ascii_alphanumeric())
            && top.len() > 1
            && top.bytes().all(|b| b.is_ascii_alphabetic())
    })
}
