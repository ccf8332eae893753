//! How a condition compares.

/// A comparison and what it compares with. Texts are trimmed and never empty; lists hold at least one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operator {
    /// The text holds this one.
    Contains(String),
    /// The text is this one.
    Equals(String),
    /// The text starts with this one.
    StartsWith(String),
    /// The text ends with this one.
    EndsWith(String),
    /// The text is one of these.
    In(Vec<String>),
    /// The whole text matches: `*` stands for any text, `?` for one character.
    Glob(String),
    /// The text holds a match of this regular expression.
    Regex(String),
    /// There is a value that is not blank (for numbers: known, and for the count of links more than zero).
    Exists,
    /// The number is this one; written `equals`.
    Is(u64),
    /// The number is one of these; written `in`.
    OneOf(Vec<u64>),
    /// The number is more than this one.
    Greater(u64),
    /// The number is less than this one.
    Less(u64),
    /// The number lies between these two, both included. For hours the first may be the larger: 22 to 6 runs over
    /// midnight.
    Between(u64, u64),
}

/// The operators by name, before it is known what they compare with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Contains,
    Equals,
    StartsWith,
    EndsWith,
    In,
    Glob,
    Regex,
    Exists,
    Greater,
    Less,
    Between,
}

impl Name {
    pub(super) const ALL: [Self; 11] = [
        Self::Contains,
        Self::Equals,
        Self::StartsWith,
        Self::EndsWith,
        Self::In,
        Self::Glob,
        Self::Regex,
        Self::Exists,
        Self::Greater,
        Self::Less,
        Self::Between,
    ];

    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::Equals => "equals",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
            Self::In => "in",
            Self::Glob => "glob",
            Self::Regex => "regex",
            Self::Exists => "exists",
            Self::Greater => "greater",
            Self::Less => "less",
            Self::Between => "between",
        }
    }
}

impl Operator {
    /// Its name on the wire.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Contains(_) => Name::Contains,
            Self::Equals(_) | Self::Is(_) => Name::Equals,
            Self::StartsWith(_) => Name::StartsWith,
            Self::EndsWith(_) => Name::EndsWith,
            Self::In(_) | Self::OneOf(_) => Name::In,
            Self::Glob(_) => Name::Glob,
            Self::Regex(_) => Name::Regex,
            Self::Exists => Name::Exists,
            Self::Greater(_) => Name::Greater,
            Self::Less(_) => Name::Less,
            Self::Between(..) => Name::Between,
        }
        .as_str()
    }
}
