//! The text a reader of an HTML mail sees.
//!
//! Not a browser: no style is applied, nothing is hidden for being white or small, and text that is not HTML passes
//! through. It gives words back that tags and entities had cut: `tarifs</b>&nbsp;habituels`, `journ&eacute;e`.

mod entities;
mod tag;

pub(crate) use entities::decode_entities;

use tag::Tags;

/// What a block tag leaves behind until the blanks are counted: itself whitespace, and foreign to mails.
const LINE_BREAK: char = '\u{2028}';

/// The visible text: tags and comments removed, script and style dropped with their content, entities (those that end
/// in `;`) decoded once.
///
/// Block tags part words, inline tags do not. A run of whitespace, U+00A0 included, becomes one space, or one `\n` where
/// a block began or ended. Soft hyphens and zero-width spaces are dropped. A `<` that opens no tag stays.
pub fn plain_text(html: &str) -> String {
    tidy(&decode_entities(&without_tags(html)))
}

fn without_tags(html: &str) -> String {
    let tags = Tags::of(html);
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        if let Some(tag) = tags.read(after) {
            text.extend(tag.is_block.then_some(LINE_BREAK));
            rest = tag.rest;
        } else {
            text.push('<');
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut gap = None;
    for c in text.chars() {
        match c {
            LINE_BREAK => gap = Some('\n'),
            '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => {}
            c if c.is_whitespace() => gap = gap.or(Some(' ')),
            c => {
                tidied.extend(gap.take().filter(|_| !tidied.is_empty()));
                tidied.push(c);
            }
        }
    }
    tidied
}
