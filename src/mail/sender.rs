//! The sender's address, as identity, allow-list and payload know it.

use crate::mail::{Address, mask};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The address of a From value, trimmed and lower-cased; the whole trimmed, lower-cased value when it holds no address;
/// empty when that is blank. `Debug` shows it masked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SenderEmail(String);

impl SenderEmail {
    /// Finds the address in a raw From value. Linear in its length.
    pub fn from_raw(raw: &str) -> Self {
        Address::parse(raw).email
    }

    /// Takes `address` as one already extracted: it is only trimmed and lower-cased.
    pub(in crate::mail) fn extracted(address: &str) -> Self {
        Self(address.trim().to_lowercase())
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the last `@`; `None` when there is no `@` or nothing after it.
    pub fn domain(&self) -> Option<&str> {
        self.0.rsplit_once('@').map(|(_, domain)| domain).filter(|domain| !domain.is_empty())
    }
}

impl fmt::Debug for SenderEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SenderEmail({})", mask::email(&self.0))
    }
}

impl From<String> for SenderEmail {
    fn from(stored: String) -> Self {
        Self::extracted(&stored)
    }
}

impl From<SenderEmail> for String {
    fn from(email: SenderEmail) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_contract() {
        let rows = [
            ("Foo <A@B.fr>", "a@b.fr"),
            (r#""Doe, J" <x@y.z>"#, "x@y.z"),
            ("a@b.c, d@e.f", "a@b.c"),
            ("Foo <a@b.c> <d@e.f>", "a@b.c"),
            ("Foo (bar) <q@w.e>", "q@w.e"),
            ("foo", "foo"),
            (" ", ""),
            (r#"" ""#, ""),
        ];
        for (raw, email) in rows {
            assert_eq!(SenderEmail::from_raw(raw).as_str(), email, "{raw}");
        }
    }

    #[test]
    fn the_domain_follows_the_last_at() {
        let rows = [("Foo <A@B.fr>", Some("b.fr")), ("foo", None), ("a@", None), (r#""a@b"@c.d"#, Some("c.d"))];
        for (raw, domain) in rows {
            assert_eq!(SenderEmail::from_raw(raw).domain(), domain, "{raw}");
        }
    }

    #[test]
    fn a_stored_address_is_not_extracted_again() {
        let odd = SenderEmail::from_raw("Foo Bar, no address");
        let text = serde_json::to_string(&odd).unwrap();
        assert_eq!(serde_json::from_str::<SenderEmail>(&text).unwrap(), odd);
        assert!(!format!("{:?}", SenderEmail::from_raw("jane.roe@x.fr")).contains("roe"));
    }
}
