//! Finding where a tag, comment or script ends, without ever looking at a byte twice.

/// The tags before and after which a reader sees a new line or cell. All others leave the text around them joined.
#[rustfmt::skip]
const BLOCKS: [&str; 46] = [
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header",
    "hr", "html", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody",
    "td", "tfoot", "th", "thead", "title", "tr",
];

/// A tag that was read, and what follows it.
pub(super) struct Tag<'a> {
    pub(super) is_block: bool,
    pub(super) rest: &'a str,
}

/// Reads the tags of one document. Knows how near the end the last `>` and the last quotes stand: a search for one that
/// is not there is never begun, which keeps hostile input (`<a<a<a…`) linear.
pub(super) struct Tags {
    close: Tail,
    double: Tail,
    single: Tail,
}

impl Tags {
    pub(super) fn of(html: &str) -> Self {
        Self { close: Tail::of(html, '>'), double: Tail::of(html, '"'), single: Tail::of(html, '\'') }
    }

    /// Reads what follows a `<`, up to the end of the document. `None` when that `<` is plain text. What is opened and
    /// never closed takes the rest with it, as in a browser.
    pub(super) fn read<'a>(&self, after: &'a str) -> Option<Tag<'a>> {
        if !self.close.is_in(after) {
            return None;
        }
        if let Some(comment) = after.strip_prefix("!--") {
            return Some(inline(end_of_comment(after, comment)));
        }
        let name = tag_name(after)?;
        let rest = self.end_of_tag(after).unwrap_or_default();
        let raw = ["script", "style"].into_iter().find(|raw| after.starts_with(name) && name.eq_ignore_ascii_case(raw));
        match raw {
            Some(raw) => Some(inline(end_of_raw(rest, raw))),
            None => Some(Tag { is_block: BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block)), rest }),
        }
    }

    /// What follows the first `>` outside a quoted attribute value. A quote opens a value only after `=`.
    fn end_of_tag<'a>(&self, tag: &'a str) -> Option<&'a str> {
        let mut chars = tag.chars();
        let mut value_next = false;
        while let Some(c) = chars.next() {
            match c {
                '>' => return Some(chars.as_str()),
                '"' if value_next && self.double.is_in(chars.as_str()) => drop(chars.find(|c| *c == '"')),
                '\'' if value_next && self.single.is_in(chars.as_str()) => drop(chars.find(|c| *c == '\'')),
                _ => {}
            }
            value_next = c == '=' || (value_next && c.is_whitespace());
        }
        None
    }
}

/// The distance of the last occurrence of a character from the end of the document; `None` when there is none.
struct Tail(Option<usize>);

impl Tail {
    fn of(html: &str, wanted: char) -> Self {
        Self(html.rfind(wanted).map(|at| html.len() - at))
    }

    /// Whether `rest`, which reaches the end of the document, still holds it.
    fn is_in(&self, rest: &str) -> bool {
        self.0.is_some_and(|distance| distance <= rest.len())
    }
}

fn inline(rest: &str) -> Tag<'_> {
    Tag { is_block: false, rest }
}

/// The name of the tag, empty for `!doctype` and `?xml`; `None` when no tag begins here.
fn tag_name(after: &str) -> Option<&str> {
    if after.starts_with(['!', '?']) {
        return Some("");
    }
    let name = after.strip_prefix('/').unwrap_or(after);
    let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-'))).unwrap_or(name.len());
    name.get(..end).filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// `after` begins with the `!--` that `comment` lacks: the two dashes may also close it, as in `<!-->`.
fn end_of_comment<'a>(after: &'a str, comment: &'a str) -> &'a str {
    let dashes = after.strip_prefix('!').unwrap_or(comment);
    dashes.split_once("-->").map_or("", |(_, rest)| rest)
}

/// What follows, from the closing tag on; nothing when it is never closed.
fn end_of_raw<'a>(content: &'a str, name: &str) -> &'a str {
    let closes = |at: usize| {
        let tag = content.get(at..).and_then(|tag| tag.strip_prefix("</")).unwrap_or_default();
        tag.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
    };
    let start = content.match_indices("</").map(|(at, _)| at).find(|at| closes(*at));
    start.and_then(|at| content.get(at..)).unwrap_or_default()
}
