//! Finding provider links in a text whose entities are already decoded.

use super::Provider;
use super::trailing::trimmed;

/// The provider links of a text, in order, duplicates included.
///
/// A link that is not a provider's is looked into, so that one nested in a tracker's query is found; a provider's link
/// is taken whole. Only the authority is read before that is decided, and it ends at the next `/`: no byte is read twice.
pub(super) struct Candidates<'a> {
    rest: &'a str,
}

impl<'a> Candidates<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for Candidates<'a> {
    type Item = (Provider, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let text = self.rest;
            let (before, after) = text.split_once("://")?;
            self.rest = after;
            let Some((outside, link)) = scheme_start(before).and_then(|at| text.split_at_checked(at)) else { continue };
            let quote = outside.chars().next_back().filter(|c| matches!(c, '\'' | '`'));
            if let Some(provider) = provider_of(after, quote) {
                let end = link.find(|c| ends_link(c, quote)).unwrap_or(link.len());
                let (link, rest) = link.split_at_checked(end)?;
                self.rest = rest;
                return Some((provider, trimmed(link)));
            }
        }
    }
}

/// Where the `http` or `https` that ends `before` begins.
fn scheme_start(before: &str) -> Option<usize> {
    let begins = |scheme: &str| {
        let start = before.len().checked_sub(scheme.len())?;
        before.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(scheme)).then_some(start)
    };
    begins("https").or_else(|| begins("http"))
}

/// The provider whose host stands, alone or with a port, right after the `://`. User info makes it nobody's.
fn provider_of(after: &str, quote: Option<char>) -> Option<Provider> {
    let end = after.find(|c| matches!(c, '/' | '?' | '#') || ends_link(c, quote)).unwrap_or(after.len());
    let (authority, tail) = after.split_at_checked(end)?;
    let authority = if tail.starts_with(['/', '?', '#']) { authority } else { trimmed(authority) };
    match authority.split_once(':') {
        Some((host, port)) => is_port(port).then(|| Provider::of_host(host)).flatten(),
        None => Provider::of_host(authority),
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// A link that a quote opened ends at the same quote: `href='…'`.
fn ends_link(c: char, quote: Option<char>) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '"') || Some(c) == quote
}
