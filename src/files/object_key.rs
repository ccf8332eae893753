//! The name a copy is kept under.

use super::Source;
use crate::links::Provider;
use crate::mail::hex;
use core::fmt;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

/// `<provider>/<8 hexadecimal digits>/<8 hexadecimal digits>/<name>`: always four parts, none of them empty, `.` or `..`.
///
/// The digits begin the SHA-256 of the source. The name is for people: the last segment of the source's path, decoded,
/// where it looks like a file's; else `file`. It may hold anything but control characters, `/` and `\`, so whoever builds a
/// URL from a key encodes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(String);

/// The longest name, in bytes: file systems take 255, and a store may add an ending of its own.
const MAX_NAME: usize = 200;

/// The name of a copy whose source has none fit to use.
const NAMELESS: &str = "file";

impl ObjectKey {
    /// The key of a source. The same source has always the same key.
    pub fn of(provider: Provider, source: &Source) -> Self {
        let words: Vec<_> = Sha256::digest(source.as_str()).chunks(4).take(2).map(hex).collect();
        let name = percent_decode_str(source.last_segment()).decode_utf8().unwrap_or_default();
        let name = if is_file_name(&name) { &name } else { NAMELESS };
        Self(format!("{provider}/{}/{name}", words.join("/")))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a store, a file system included, can take `name` as one part of a key. Without a dot it is an id, not a name.
fn is_file_name(name: &str) -> bool {
    let unfit = |c: char| c.is_control() || matches!(c, '/' | '\\');
    name.contains('.') && name != "." && name != ".." && name.len() <= MAX_NAME && !name.contains(unfit)
}

#[cfg(test)]
mod tests;
