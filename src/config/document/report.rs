//! What was found wrong in stored documents.

use super::DocumentKey;

/// One stored field that could not be used as it is, or that needs its user's attention. Nothing stops for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The document.
    pub document: DocumentKey,
    /// The field, or the rule, or `*` for the document as a whole.
    pub field: String,
    /// The kind of finding.
    pub code: ReportCode,
    /// What was found and what holds instead, in English. Never holds a URL's path or a secret.
    pub message: String,
}

/// The kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportCode {
    /// The document is not a JSON object: all of it holds its default.
    NotAnObject,
    /// The value is of another type, out of its bounds or malformed: the default holds.
    InvalidField,
    /// Part of a list or a map is malformed: the rest holds.
    InvalidItems,
    /// The URL may not be a target.
    TargetRefused,
    /// Start and end are the same: the window never opens.
    WindowNeverOpens,
    /// The value is the predecessor's default, which nobody chose.
    PredecessorDefault,
    /// A target of the predecessor is not used until it is set in `detectors`.
    LegacyTarget,
    /// A rule is broken or changes its meaning.
    Rule,
}

impl ReportCode {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::InvalidField => "invalid_field",
            Self::InvalidItems => "invalid_items",
            Self::TargetRefused => "target_refused",
            Self::WindowNeverOpens => "window_never_opens",
            Self::PredecessorDefault => "predecessor_default",
            Self::LegacyTarget => "legacy_target",
            Self::Rule => "rule",
        }
    }
}
