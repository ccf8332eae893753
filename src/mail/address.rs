//! Reading a From value: the name and the address of its first mailbox.
//!
//! A small, forgiving reader in the manner of RFC 5322: quoted names, nested comments, angle brackets and lists are
//! understood; folding, encoded words and domain literals are left as they stand. It never fails: a value without an
//! address is its own address, as the predecessor had it. One pass, linear, whatever the input.

mod mailboxes;
#[cfg(test)]
mod tests;

use crate::mail::SenderEmail;
use core::fmt;
use mailboxes::{Mailbox, Mailboxes};

/// The two parts of a From value. `Debug` shows neither in clear.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// The display name, unquoted, blanks squeezed; else the first comment; empty when there is neither.
    pub name: String,
    /// The address, or what stands for it (see [`SenderEmail`]).
    pub email: SenderEmail,
}

impl Address {
    /// Reads the first mailbox that has an address with an `@`; else the first one in angle brackets; else takes the
    /// whole value as both name and address.
    ///
    /// In `a@b.c <d@e.f>` the angle brackets win: that is the address mail servers vouch for, the rest is a name.
    pub fn parse(raw: &str) -> Self {
        let proper = |mailbox: &Mailbox| mailbox.address().is_some_and(is_address);
        let bracketed = |mailbox: &Mailbox| mailbox.address().is_some();
        match Mailboxes::of(raw).find(proper).or_else(|| Mailboxes::of(raw).find(bracketed)) {
            Some(mailbox) => {
                Self { name: mailbox.name(), email: SenderEmail::extracted(mailbox.address().unwrap_or_default()) }
            }
            None => Self::without_address(raw),
        }
    }

    fn without_address(raw: &str) -> Self {
        let shown = raw.trim();
        let quoted = shown.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let text = if quoted.is_some_and(|inner| inner.trim().is_empty()) { "" } else { shown };
        Self { name: text.to_owned(), email: SenderEmail::extracted(text) }
    }
}

/// The display name of a From value; empty when it has none.
pub fn display_name(raw: &str) -> String {
    Address::parse(raw).name
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address").field("email", &self.email).finish_non_exhaustive()
    }
}

/// Something on both sides of the last `@`, and that `@` not inside quotes.
fn is_address(text: &str) -> bool {
    text.rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('"'))
}
