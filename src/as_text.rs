//! `#[serde(with = "crate::as_text")]`: a value carried as one JSON text by formats that do not write names.
//!
//! JSON of any shape, and structs that leave fields out, can be read back only where names are written. In JSON itself the
//! value stands as it is.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};
use serde::ser::{Error as _, Serialize, Serializer};

pub(crate) fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        return value.serialize(serializer);
    }
    serializer.serialize_str(&serde_json::to_string(value).map_err(S::Error::custom)?)
}

pub(crate) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    if deserializer.is_human_readable() {
        return T::deserialize(deserializer);
    }
    // As bytes, like a receiver's answer: one reader of JSON values is enough for a Worker.
    serde_json::from_slice(<&str>::deserialize(deserializer)?.as_bytes()).map_err(D::Error::custom)
}
