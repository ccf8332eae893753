//! Whether a text calls for haste, or says that there is none. Reads folded, squeezed texts.

use crate::mail::text::is_word_char;

/// The words before `urgent` and `urgence` that take it back.
const NEGATIONS: [&str; 4] = ["non", "pas", "sans", "aucune"];

/// Whether `urgent` or `urgence`, alone or within a word, stands anywhere without a negation before it.
pub(super) fn is_affirmed(text: &str) -> bool {
    mentions(text).any(|(before, _)| !ends_in_negation(before))
}

/// Whether either word stands anywhere, negated or not.
pub(super) fn is_mentioned(text: &str) -> bool {
    mentions(text).next().is_some()
}

/// Whether the whole word `urgence` stands anywhere without a negation before it.
pub(super) fn is_declared(text: &str) -> bool {
    mentions(text).any(|(before, from)| {
        let whole = from.strip_prefix("urgence").is_some_and(|after| !after.starts_with(is_word_char));
        whole && !before.ends_with(is_word_char) && !ends_in_negation(before)
    })
}

/// Each place where either word begins, as the text before it and the text from it on.
fn mentions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let places = text.match_indices("urgen").filter_map(|(at, _)| text.split_at_checked(at));
    places.filter(|(_, from)| from.starts_with("urgent") || from.starts_with("urgence"))
}

/// `non `, `non-`, `pas `, `pas d'` and their like, as whole words. Looks at a few characters only.
fn ends_in_negation(before: &str) -> bool {
    let before = before.strip_suffix(['\'', '’']).and_then(|rest| rest.strip_suffix('d')).unwrap_or(before);
    let Some(before) = before.strip_suffix([' ', '-', '\u{2010}', '\u{2011}']) else { return false };
    NEGATIONS.iter().any(|word| before.strip_suffix(word).is_some_and(|rest| !rest.ends_with(is_word_char)))
}
