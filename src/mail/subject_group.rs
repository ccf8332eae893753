//! Which mails belong together by their subject: the mails of one lot, or the same subject again.
//!
//! Says nothing about time except the month a group is counted in, and keeps no record of groups seen.

#[cfg(test)]
mod tests;

use crate::mail::hex;
use crate::mail::text::{self, is_word_char};
use core::fmt;
use md5::{Digest, Md5};

/// What replies and forwards put before a subject, in front of a colon.
const REPLY_PREFIXES: [&str; 6] = ["re", "fw", "fwd", "rv", "tr", "confirmation"];

/// The group of a subject, one of `media_solution_missions_recadrage_lot_<n>`, `lot_<n>` and `subject_hash_<md5>`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SubjectGroup(String);

impl SubjectGroup {
    /// The group of a raw subject, whatever its case, accents, spacing and reply prefixes.
    pub fn of(subject: &str) -> Self {
        let subject = text::normal(without_reply_prefixes(subject));
        let recadrage = subject.contains("media solution") && subject.contains("missions recadrage");
        Self(match lot_number(&subject) {
            Some(lot) if recadrage => format!("media_solution_missions_recadrage_lot_{lot}"),
            Some(lot) => format!("lot_{lot}"),
            None => format!("subject_hash_{}", hex(&Md5::digest(&subject))),
        })
    }

    /// The group as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The group within a month of the configured zone: `2026-04:lot_9`. `month` counts from 1.
    pub fn scoped(&self, year: i16, month: u8) -> String {
        format!("{year:04}-{month:02}:{}", self.0)
    }
}

impl fmt::Debug for SubjectGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectGroup({})", self.0)
    }
}

/// The subject after all its reply prefixes, trimmed. A prefix after leading blanks is none.
fn without_reply_prefixes(subject: &str) -> &str {
    let mut rest = subject;
    while let Some(shorter) = REPLY_PREFIXES.iter().find_map(|prefix| without_prefix(rest, prefix)) {
        rest = shorter;
    }
    rest.trim()
}

fn without_prefix<'a>(subject: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = subject.split_at_checked(prefix.len())?;
    let colon = head.eq_ignore_ascii_case(prefix).then_some(tail)?.trim_start();
    colon.strip_prefix(':').map(str::trim_start)
}

/// The digits of the first `lot <digits>` that stands as whole words, zeros kept.
fn lot_number(subject: &str) -> Option<&str> {
    subject.match_indices("lot ").find_map(|(at, lot)| {
        let (before, rest) = subject.split_at_checked(at)?;
        let after = rest.strip_prefix(lot)?;
        let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (digits, tail) = after.split_at_checked(end)?;
        let alone = !before.ends_with(is_word_char) && !tail.starts_with(is_word_char);
        (alone && !digits.is_empty()).then_some(digits)
    })
}
