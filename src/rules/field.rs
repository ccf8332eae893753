//! What a condition looks at.

/// A part of the mail, or a fact about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Field {
    /// The raw From value, then its bare address: true if either holds.
    Sender,
    /// The sender's address.
    SenderAddress,
    /// The part of the sender's address after the `@`.
    SenderDomain,
    /// The sender's display name.
    SenderName,
    /// Each recipient, when the intake knows them.
    To,
    /// The raw subject.
    Subject,
    /// The raw body, then its text: true if either holds.
    Body,
    /// The body without tags, entities decoded.
    BodyText,
    /// Each value of the header of that name (in lower case), when the intake sends headers.
    Header(String),
    /// The name of the detector that knew the mail, or `none`.
    Detector,
    /// Each provider among the extracted links.
    Provider,
    /// How many links were extracted.
    LinksCount,
    /// Each attachment's name, when the intake knows them.
    AttachmentName,
    /// The mail's size in bytes, when the intake knows it.
    Size,
    /// The hour of reception in the configured zone, 0–23.
    ReceivedHour,
    /// The weekday of reception in the configured zone, by its English name.
    ReceivedWeekday,
}

/// What kind of value a field has, which decides the operators it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Text too long to be compared as a whole with a pattern of wildcards.
    LongText,
    Weekday,
    Number {
        /// The largest value that makes sense.
        max: u64,
        /// Whether a range may run over the end, as hours do over midnight.
        cyclic: bool,
    },
}

/// No header name is longer in practice.
const MAX_HEADER_NAME: usize = 100;

impl Field {
    /// The field of that name, blanks and case ignored; `None` when there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_lowercase();
        Some(match name.as_str() {
            "sender" => Self::Sender,
            "sender.address" => Self::SenderAddress,
            "sender.domain" => Self::SenderDomain,
            "sender.name" => Self::SenderName,
            "to" => Self::To,
            "subject" => Self::Subject,
            "body" => Self::Body,
            "body.text" => Self::BodyText,
            "detector" => Self::Detector,
            "provider" => Self::Provider,
            "links.count" => Self::LinksCount,
            "attachment.name" => Self::AttachmentName,
            "size" => Self::Size,
            "received.hour" => Self::ReceivedHour,
            "received.weekday" => Self::ReceivedWeekday,
            other => Self::Header(header_name(other)?),
        })
    }

    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Body | Self::BodyText => Kind::LongText,
            Self::ReceivedWeekday => Kind::Weekday,
            Self::ReceivedHour => Kind::Number { max: 23, cyclic: true },
            Self::LinksCount | Self::Size => Kind::Number { max: u64::MAX, cyclic: false },
            _ => Kind::Text,
        }
    }
}

impl core::fmt::Display for Field {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Sender => "sender",
            Self::SenderAddress => "sender.address",
            Self::SenderDomain => "sender.domain",
            Self::SenderName => "sender.name",
            Self::To => "to",
            Self::Subject => "subject",
            Self::Body => "body",
            Self::BodyText => "body.text",
            Self::Header(name) => return write!(f, "header[{name}]"),
            Self::Detector => "detector",
            Self::Provider => "provider",
            Self::LinksCount => "links.count",
            Self::AttachmentName => "attachment.name",
            Self::Size => "size",
            Self::ReceivedHour => "received.hour",
            Self::ReceivedWeekday => "received.weekday",
        })
    }
}

/// The name inside `header[…]`: printable ASCII without a colon, as header names are.
fn header_name(text: &str) -> Option<String> {
    let name = text.strip_prefix("header[")?.strip_suffix(']')?.trim();
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b':' | b'[' | b']'));
    (plain && !name.is_empty() && name.len() <= MAX_HEADER_NAME).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_reads_back() {
        for name in [
            "sender",
            "sender.address",
            "sender.domain",
            "sender.name",
            "to",
            "subject",
            "body",
            "body.text",
            "header[list-id]",
            "detector",
            "provider",
            "links.count",
            "attachment.name",
            "size",
            "received.hour",
            "received.weekday",
        ] {
            assert_eq!(Field::parse(name).unwrap().to_string(), name);
        }
        assert_eq!(Field::parse(" Header[ List-Id ] "), Some(Field::Header("list-id".to_owned())));
    }

    #[test]
    fn other_names_are_no_fields() {
        for name in ["", "from", "header", "header[]", "header[a:b]", "header[a b]", "header[[x]]", "subject.text"] {
            assert_eq!(Field::parse(name), None, "{name:?}");
        }
    }
}
