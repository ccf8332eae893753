//! The views of a body or subject that detectors, rules and preferences compare: shortened, folded, squeezed, or
//! freed of its HTML. Every function is linear in its input. None of them changes what is delivered.

mod html;
#[cfg(test)]
mod tests;

pub(crate) use html::decode_entities;
pub use html::plain_text;

use crate::unicode::{decompose, is_mark};

/// How much of a body detectors and link extraction look at, in bytes.
pub const MIB: usize = 1_048_576;

/// The part of a text that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut<'a> {
    /// The text, at most [`MIB`] bytes.
    pub text: &'a str,
    /// Whether anything was left out.
    pub truncated: bool,
}

/// The first mebibyte of `text`, cut before the character that would cross it.
pub fn first_mib(text: &str) -> Cut<'_> {
    let kept = text.get(..text.floor_char_boundary(MIB)).unwrap_or(text);
    Cut { text: kept, truncated: kept.len() < text.len() }
}

/// `text` without accents and case: canonical decomposition, combining marks dropped, lower-cased. `MÉDIA` is `media`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            // The order of the marks, which makes full normalisation slow, does not matter: they are dropped.
            decompose(c, &mut |part| {
                folded.extend(part.to_lowercase().filter(|_| !is_mark(part)));
            });
        }
    }
    folded
}

/// `text` with every run of Unicode whitespace made one space, trimmed. U+00A0 is whitespace.
pub fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

/// Folded and squeezed: the form in which the detectors and subject groups read a text.
pub fn normal(text: &str) -> String {
    squeeze(&fold(text))
}

/// Whether `c` belongs to a word, so that no word begins or ends beside it.
pub(crate) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
