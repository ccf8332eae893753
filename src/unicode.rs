//! What Unicode says of a character. The tables are those that `url` brings for host names: one copy serves both.

use icu_normalizer::properties::{CanonicalDecompositionBorrowed, Decomposed};
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

/// Hands on the full canonical decomposition of a character; itself, if it has none.
pub(crate) fn decompose(c: char, push: &mut impl FnMut(char)) {
    match CanonicalDecompositionBorrowed::new().decompose(c) {
        Decomposed::Default => push(c),
        Decomposed::Singleton(part) => decompose(part, push),
        Decomposed::Expansion(first, second) => {
            decompose(first, push);
            decompose(second, push);
        }
    }
}

/// Whether a character is a mark that combines with the one before it.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(
        CodePointMapData::<GeneralCategory>::new().get(c),
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::char as other;

    /// Against tables made by somebody else.
    #[test]
    fn every_character_is_as_an_independent_implementation_has_it() {
        for c in '\0'..=char::MAX {
            let (mut own, mut theirs) = (String::new(), String::new());
            decompose(c, &mut |part| own.push(part));
            other::decompose_canonical(c, |part| theirs.push(part));
            assert_eq!((own, is_mark(c)), (theirs, other::is_combining_mark(c)), "U+{:04X}", u32::from(c));
        }
    }
}
