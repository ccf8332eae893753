//! What a sentence leaves at the end of a link.

/// Punctuation, quotes and emphasis marks that end a sentence rather than a link.
const TRAILING: [char; 19] =
    ['.', ',', ';', ':', '!', '?', '\'', '"', '`', '´', '‘', '’', '“', '”', '«', '»', '…', '*', '|'];

const BRACKETS: [(char, char); 4] = [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')];

/// `link` without trailing punctuation and quotes, and without the closing brackets it did not open itself.
pub(super) fn trimmed(link: &str) -> &str {
    let mut surplus = BRACKETS.map(|(open, close)| (close, count(link, close).saturating_sub(count(link, open))));
    let mut rest = link;
    while let Some(last) = rest.chars().next_back() {
        let closing = surplus.iter_mut().find(|(close, left)| *close == last && *left > 0);
        match closing {
            Some((_, left)) => *left -= 1,
            None if TRAILING.contains(&last) => {}
            None => break,
        }
        rest = rest.get(..rest.len() - last.len_utf8()).unwrap_or_default();
    }
    rest
}

fn count(text: &str, wanted: char) -> usize {
    text.matches(wanted).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_sentences() {
        let rows = [
            ("https://x/abc).", "https://x/abc"),
            ("https://x/abc(1)", "https://x/abc(1)"),
            ("https://x/abc(1))", "https://x/abc(1)"),
            ("https://x/abc[1]».", "https://x/abc[1]"),
            ("https://x/abc')]}>,", "https://x/abc"),
            ("https://x/abc…*", "https://x/abc"),
            ("https://x/a.b/?c=", "https://x/a.b/?c="),
            ("https://x/", "https://x/"),
            ("...", ""),
        ];
        for (link, kept) in rows {
            assert_eq!(trimmed(link), kept, "{link}");
        }
    }
}
