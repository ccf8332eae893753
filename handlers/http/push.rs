//! The fields of a pushed mail.

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A pushed mail as sent. A field of another JSON type counts as absent, an unknown one is ignored, and of a repeated one the
/// last stands: what the clients of the predecessor are used to.
#[derive(Debug, Default)]
pub(super) struct Push {
    pub(super) sender: Option<String>,
    pub(super) body: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) date: Option<String>,
    pub(super) message_id: Option<String>,
    pub(super) thread_id: Option<String>,
}

impl<'de> Deserialize<'de> for Push {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Push;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Push, A::Error> {
        let mut push = Push::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let field = match key.as_ref() {
                "sender" => &mut push.sender,
                "body" => &mut push.body,
                "subject" => &mut push.subject,
                "date" => &mut push.date,
                "message_id" => &mut push.message_id,
                "thread_id" => &mut push.thread_id,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *field = map.next_value::<MaybeText>()?.0;
        }
        Ok(push)
    }
}

/// Text, or nothing when the value is of another type.
struct MaybeText(Option<String>);

impl<'de> Deserialize<'de> for MaybeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Text)
    }
}

struct Text;

impl<'de> Visitor<'de> for Text {
    type Value = MaybeText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<MaybeText, E> {
        Ok(MaybeText(Some(text.to_owned())))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<MaybeText, E> {
        Ok(MaybeText(Some(text)))
    }

    fn visit_unit<E: Error>(self) -> Result<MaybeText, E> {
        Ok(MaybeText(None))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<MaybeText, E> {
        Ok(MaybeText(None))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<MaybeText, E> {
        Ok(MaybeText(None))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<MaybeText, E> {
        Ok(MaybeText(None))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<MaybeText, E> {
        Ok(MaybeText(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<MaybeText, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(MaybeText(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MaybeText, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(MaybeText(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_clients_send() {
        let push: Push = serde_json::from_str(
            r#"{"sender":5,"sender":"a","body":{"x":[1,{}]},"subject":null,"date":true,"snippet":[1,2],"message_id":"m"}"#,
        )
        .unwrap();
        assert_eq!((push.sender.as_deref(), push.body, push.subject, push.date), (Some("a"), None, None, None));
        assert_eq!(push.message_id.as_deref(), Some("m"));
    }

    #[test]
    fn only_an_object_is_a_push() {
        for text in ["null", "[]", "\"x\"", "5", "", "{\"a\":1", "{\"subject\":\"\\ud800\"}"] {
            assert!(serde_json::from_str::<Push>(text).is_err(), "{text}");
        }
    }
}
