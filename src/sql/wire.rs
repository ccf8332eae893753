//! How calls and answers are written on their way: one byte that names the form, then the fields in their order, without names.
//!
//! Both ends are of one build, except while a new version is rolled out. Whoever meets another form says so and changes nothing.

#[cfg(test)]
mod tests;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The form. A test fails when the form changes and this does not.
const FORM: u8 = 2;

/// Why bytes are not what was expected. Nothing was done with them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Written by another version of this program: a rollout is under way, and the same call will be understood soon.
    #[error("written in form {0:?} by another version, this one reads form {FORM}")]
    OtherForm(Option<u8>),
    /// Damaged.
    #[error("unreadable: {0}")]
    Unreadable(postcard::Error),
    /// More than one value.
    #[error("unreadable: {0} bytes too many")]
    Longer(usize),
}

/// A value in today's form.
pub(super) fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_extend(value, vec![FORM])
}

/// Reads a value. Never takes more memory than a few times what the bytes hold.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    let Some((&FORM, rest)) = bytes.split_first() else { return Err(WireError::OtherForm(bytes.first().copied())) };
    let (value, rest) = postcard::take_from_bytes(rest).map_err(WireError::Unreadable)?;
    if rest.is_empty() { Ok(value) } else { Err(WireError::Longer(rest.len())) }
}
