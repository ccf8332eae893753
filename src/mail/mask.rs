//! What a log line may show of a mail: enough to find it again, too little to read it.
//!
//! Ids are not masked here: a log line writes `[redacted]` or leaves them out. An empty value masks to an empty string.

use crate::mail::hex;
use sha2::{Digest, Sha256};

/// Characters of a domain, or of a subject's first words, that are shown at most. No domain is longer; a subject without blanks,
/// or a value that is no address, would otherwise stand in the log whole.
const SHOWN_DOMAIN_CHARS: usize = 253;
const SHOWN_SUBJECT_CHARS: usize = 60;

/// The first character of the local part and what follows the first `@`; `***` when either side of it is missing.
pub fn email(address: &str) -> String {
    if address.is_empty() {
        return String::new();
    }
    let (local, domain) = address.split_once('@').unwrap_or_default();
    match local.chars().next() {
        Some(first) if !domain.is_empty() => format!("{first}***@{}", beginning(domain, SHOWN_DOMAIN_CHARS)),
        _ => "***".to_owned(),
    }
}

/// The first three words and six digits of the SHA-256 of the trimmed subject; `(empty)` for blanks.
pub fn subject(subject: &str) -> String {
    if subject.is_empty() {
        return String::new();
    }
    let trimmed = subject.trim();
    if trimmed.is_empty() {
        return "(empty)".to_owned();
    }
    let words: Vec<_> = trimmed.split_whitespace().take(3).collect();
    let hash = hex(&Sha256::digest(trimmed));
    format!("{}... [{}]", beginning(&words.join(" "), SHOWN_SUBJECT_CHARS), hash.get(..6).unwrap_or_default())
}

fn beginning(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The number of characters of a body.
pub fn content_length(body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("Content length: {} chars", body.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails() {
        let rows = [
            ("john@x.fr", "j***@x.fr"),
            ("élan@x.fr", "é***@x.fr"),
            ("a@b@c", "a***@b@c"),
            ("john", "***"),
            ("@x.fr", "***"),
            ("john@", "***"),
            ("", ""),
        ];
        for (address, masked) in rows {
            assert_eq!(email(address), masked, "{address}");
        }
    }

    #[test]
    fn subjects() {
        let rows = [
            ("Média Solution - Missions Recadrage - Lot 42", "Média Solution -... [5adaa4]"),
            ("  Média   Solution - Missions", "Média Solution -... ["),
            ("hello", "hello... [2cf24d]"),
            (" hello ", "hello... [2cf24d]"),
            ("   ", "(empty)"),
        ];
        for (text, masked) in rows {
            assert!(subject(text).starts_with(masked), "{text}: {}", subject(text));
        }
        assert_eq!(subject(""), "");
    }

    #[test]
    fn what_has_no_blanks_is_not_shown_whole() {
        let long = "é".repeat(70_000);
        assert_eq!(subject(&long).chars().count(), 60 + "... [123456]".len());
        assert_eq!(email(&format!("a@{long}")).chars().count(), "a***@".len() + 253);
    }

    #[test]
    fn lengths_count_characters() {
        assert_eq!(content_length("été"), "Content length: 3 chars");
        assert_eq!(content_length(""), "");
    }
}
