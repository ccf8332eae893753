//! Splitting a From value into its mailboxes, one at a time, so that a list of millions costs no memory.

use super::is_address;
use core::str::Chars;

/// Stands for a run of blanks outside quotes, to tell it from a blank inside them.
const GAP: char = '\0';

/// The mailboxes of a From value, in order; empty ones are passed over.
pub(super) struct Mailboxes<'a> {
    chars: Chars<'a>,
}

impl<'a> Mailboxes<'a> {
    pub(super) fn of(raw: &'a str) -> Self {
        Self { chars: raw.chars() }
    }
}

impl Iterator for Mailboxes<'_> {
    type Item = Mailbox;

    fn next(&mut self) -> Option<Mailbox> {
        let mut mailbox = Mailbox::default();
        while let Some(c) = self.chars.next() {
            match c {
                ',' | ';' if mailbox.is_empty() => {}
                ',' | ';' => return Some(mailbox),
                '"' => mailbox.push_quoted(&mut self.chars),
                '(' => mailbox.push_comment(&mut self.chars),
                '<' => mailbox.push_bracketed(&mut self.chars),
                c if c.is_whitespace() || c == GAP => mailbox.push_gap(),
                c => mailbox.words.push(c),
            }
        }
        (!mailbox.is_empty()).then_some(mailbox)
    }
}

/// One entry of the list, taken apart.
#[derive(Default)]
pub(super) struct Mailbox {
    /// What stands outside brackets and comments: words joined by [`GAP`], quotes and escapes kept.
    words: String,
    /// The content of the first pair of angle brackets.
    bracketed: Option<String>,
    /// The content of all comments.
    comment: String,
}

impl Mailbox {
    /// The address as written: what the angle brackets hold, else the first word that is one.
    pub(super) fn address(&self) -> Option<&str> {
        let bracketed = self.bracketed.as_deref().map(str::trim).filter(|text| !text.is_empty());
        bracketed.or_else(|| self.words.split(GAP).find(|word| is_address(word)))
    }

    /// The words that are not the address; else the comment.
    pub(super) fn name(&self) -> String {
        let bare = if self.bracketed.is_none() { self.address() } else { None };
        let words = self.words.split(GAP).filter(|word| !word.is_empty() && Some(*word) != bare);
        let name = words.map(unquoted).collect::<Vec<_>>().join(" ");
        let shown = if name.trim().is_empty() { &self.comment } else { &name };
        shown.trim().to_owned()
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.bracketed.is_none() && self.comment.is_empty()
    }

    fn push_gap(&mut self) {
        if !self.words.is_empty() && !self.words.ends_with(GAP) {
            self.words.push(GAP);
        }
    }

    /// Takes up to the closing quote. An unclosed one reaches the end and is closed there, so that nothing inside it
    /// can pass for an address.
    fn push_quoted(&mut self, chars: &mut Chars<'_>) {
        self.words.push('"');
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => self.words.extend([Some(c), chars.next()].into_iter().flatten()),
                GAP => self.words.push(' '),
                c => self.words.push(c),
            }
        }
        self.words.push('"');
    }

    fn push_comment(&mut self, chars: &mut Chars<'_>) {
        let mut depth = 1_usize;
        while let Some(c) = chars.next() {
            match c {
                '\\' => self.comment.extend(chars.next()),
                '(' => depth += 1,
                ')' if depth == 1 => break,
                ')' => depth -= 1,
                c => self.comment.push(c),
            }
        }
        self.push_gap();
    }

    /// The first pair of brackets holds the address; further ones are passed over.
    fn push_bracketed(&mut self, chars: &mut Chars<'_>) {
        let content = chars.by_ref().take_while(|c| *c != '>');
        if self.bracketed.is_some() {
            content.for_each(drop);
        } else {
            self.bracketed = Some(content.collect());
        }
        self.push_gap();
    }
}

fn unquoted(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {}
            '\\' => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    text
}
