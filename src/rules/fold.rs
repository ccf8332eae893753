//! The forms in which texts are compared.
//!
//! Each form maps one character after the other, so that a text that holds another still does in every form; and
//! [`Form::Folded`] of any form is the folded original, which is what lets one prefilter serve them all.

use crate::unicode::decompose;
use std::borrow::Cow;

/// How much of a text is ignored when it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// Nothing: the text as it came.
    Exact,
    /// Case.
    Lower,
    /// Accents: letters are decomposed and their diacritics dropped.
    Plain,
    /// Case and accents, and the few letters that only differ by case rules (`ß` is `ss`, `ſ` is `s`, `ı` is `i`).
    Folded,
}

impl Form {
    pub(super) const fn new(case: Case, accents: Accents) -> Self {
        match (case, accents) {
            (Case::Kept, Accents::Kept) => Self::Exact,
            (Case::Ignored, Accents::Kept) => Self::Lower,
            (Case::Kept, Accents::Ignored) => Self::Plain,
            (Case::Ignored, Accents::Ignored) => Self::Folded,
        }
    }

    /// The text in this form; borrowed where nothing changes.
    pub(super) fn of(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => Cow::Borrowed(text),
            Self::Plain if text.is_ascii() => Cow::Borrowed(text),
            Self::Lower => mapped(text, lower),
            Self::Plain => mapped_keeping_ascii(text),
            Self::Folded => mapped(text, fold),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Kept,
    Ignored,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accents {
    Kept,
    Ignored,
}

/// ASCII in lower case, everything else by `map`.
fn mapped(text: &str, map: fn(char, &mut String)) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() { out.push(c.to_ascii_lowercase()) } else { map(c, &mut out) }
    }
    Cow::Owned(out)
}

fn mapped_keeping_ascii(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() { out.push(c) } else { plain(c, |part| out.push(part)) }
    }
    Cow::Owned(out)
}

/// Lower case letter by letter: the final sigma is a sigma, whatever follows.
fn lower(c: char, out: &mut String) {
    out.extend(c.to_lowercase().map(|lower| if lower == 'ς' { 'σ' } else { lower }));
}

/// The canonical parts of a character without its diacritics.
fn plain(c: char, mut push: impl FnMut(char)) {
    decompose(c, &mut |part| {
        if !is_diacritic(part) {
            push(part);
        }
    });
}

/// Down, up and down again: letters that share a capital become one.
fn fold(c: char, out: &mut String) {
    plain(c, |part| {
        for down in part.to_lowercase() {
            for again in down.to_uppercase().flat_map(char::to_lowercase) {
                plain(again, |part| out.push(part));
            }
        }
    });
}

/// The combining diacritical marks of Unicode. Vowel signs of other scripts are letters, not accents.
const fn is_diacritic(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (form, text, expected) in [
            (Form::Exact, "Été ÇA", "Été ÇA"),
            (Form::Lower, "Été ÇA ΟΔΟΣ", "été ça οδοσ"),
            (Form::Plain, "Été ÇA e\u{301}", "Ete CA e"),
            (Form::Folded, "Été ÇA STRAẞE ſ \u{212A}", "ete ca strasse s k"),
            (Form::Folded, "already plain", "already plain"),
        ] {
            assert_eq!(form.of(text), expected, "{form:?}");
        }
    }

    /// The prefilter looks for folded values in folded texts, whatever form the condition compares in.
    #[test]
    fn folding_any_form_is_folding_the_original() {
        // Beyond these planes nothing has a case or a decomposition.
        for c in (0..0x0003_0000).filter_map(char::from_u32) {
            let text = c.to_string();
            let folded = Form::Folded.of(&text);
            for form in [Form::Exact, Form::Lower, Form::Plain, Form::Folded] {
                assert_eq!(Form::Folded.of(&form.of(&text)), folded, "{c:?} in {form:?}");
            }
        }
    }
}
