//! Names by DNS over HTTPS, in the JSON form that public resolvers answer: what is asked, and what an answer means.
//!
//! It sends nothing. An answer is text from outside: whatever it holds becomes records, or [`NamesError::Unavailable`].

use crate::ports::NamesError;
use core::fmt::Write as _;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The longest answer worth reading, in bytes.
pub const LONGEST_ANSWER: usize = 64 << 10;

/// How many aliases are followed. Resolvers give up earlier.
const MAX_ALIASES: usize = 16;

const CNAME: u16 = 5;

/// The kind of records a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Names of an address.
    Ptr,
}

impl RecordKind {
    const fn number(self) -> u16 {
        match self {
            Self::A => 1,
            Self::Ptr => 12,
            Self::Aaaa => 28,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Ptr => "PTR",
            Self::Aaaa => "AAAA",
        }
    }
}

/// A question to a resolver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    name: String,
    kind: RecordKind,
}

impl Question {
    /// Asks for the names of an address.
    pub fn reverse(address: IpAddr) -> Self {
        let name = match address {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                format!("{d}.{c}.{b}.{a}.in-addr.arpa")
            }
            IpAddr::V6(v6) => {
                let nibbles = v6.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
                let mut name = nibbles.fold(String::new(), |mut name, nibble| {
                    let _ = write!(name, "{nibble:x}."); // writing to a string does not fail
                    name
                });
                name.push_str("ip6.arpa");
                name
            }
        };
        Self { name, kind: RecordKind::Ptr }
    }

    /// Asks for the addresses of a name, of both families; `None` for text that cannot be a host's name.
    pub fn forward(name: &str) -> Option<[Self; 2]> {
        let name = bare(name);
        let label = |label: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (1..=63).contains(&label.len()) && label.bytes().all(plain)
        };
        let good = name.len() <= 253 && name.split('.').all(label);
        good.then(|| [RecordKind::A, RecordKind::Aaaa].map(|kind| Self { name: name.clone(), kind }))
    }

    /// The URL that asks it. Names hold nothing that would need escaping.
    pub fn url(&self, resolver: &str) -> String {
        let separator = if resolver.contains('?') { '&' } else { '?' };
        format!("{resolver}{separator}name={}&type={}", self.name, self.kind.name())
    }

    /// The names in a resolver's answer. There are none when the resolver says so.
    pub fn names(&self, answer: &[u8]) -> Result<Vec<String>, NamesError> {
        Ok(self.records(answer)?.into_iter().map(Cow::into_owned).collect())
    }

    /// The addresses in a resolver's answer: all of them, or an error.
    pub fn addresses(&self, answer: &[u8]) -> Result<Vec<IpAddr>, NamesError> {
        let address = |text: Cow<'_, str>| match self.kind {
            RecordKind::Aaaa => text.parse::<Ipv6Addr>().map(IpAddr::V6),
            RecordKind::A | RecordKind::Ptr => text.parse::<Ipv4Addr>().map(IpAddr::V4),
        };
        self.records(answer)?.into_iter().map(|text| address(text).map_err(|_| NamesError::Unavailable)).collect()
    }

    /// The data of the records asked for: those of the name itself, and of the name it is an alias of.
    fn records<'a>(&self, answer: &'a [u8]) -> Result<Vec<Cow<'a, str>>, NamesError> {
        let answer = Answer::read(answer)?;
        let own = answer.spellings(&self.name);
        let wanted = answer.records.into_iter().filter(|record| record.kind == self.kind.number());
        Ok(wanted.filter(|record| own.contains(&bare(&record.name))).map(|record| record.data).collect())
    }
}

/// A resolver's answer, without what nothing here looks at.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(rename = "Status")]
    status: u16,
    #[serde(rename = "TC", default)]
    truncated: bool,
    #[serde(rename = "Answer", default, borrow)]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: u16,
    #[serde(borrow)]
    data: Cow<'a, str>,
}

impl<'a> Answer<'a> {
    /// "No such name" is an answer without records; every other failure, and a part of an answer, is none.
    fn read(bytes: &'a [u8]) -> Result<Self, NamesError> {
        if bytes.len() > LONGEST_ANSWER {
            return Err(NamesError::Unavailable);
        }
        let answer: Self = serde_json::from_slice(bytes).map_err(|_| NamesError::Unavailable)?;
        match answer.status {
            0 | 3 if answer.truncated => Err(NamesError::Unavailable),
            0 => Ok(answer),
            3 => Ok(Self { records: Vec::new(), ..answer }),
            _ => Err(NamesError::Unavailable),
        }
    }

    /// The name, and every name that it is an alias of.
    fn spellings(&self, name: &str) -> BTreeSet<String> {
        let mut own = BTreeSet::from([name.to_owned()]);
        let mut next = name.to_owned();
        for _ in 0..MAX_ALIASES {
            let alias = self.records.iter().find(|record| record.kind == CNAME && bare(&record.name) == next);
            let Some(alias) = alias else { break };
            next = bare(&alias.data);
            if !own.insert(next.clone()) {
                break; // a circle
            }
        }
        own
    }
}

/// A name without its trailing dot, in lower case.
fn bare(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
