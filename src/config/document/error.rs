//! Why a document is not saved.

/// Why a document is not saved: always the fault of whoever submitted it (400).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DocumentError {
    /// The kind of mistake.
    pub code: DocumentErrorCode,
    /// What a client shows; where the predecessor had a message, literally its own.
    pub message: String,
}

/// The kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentErrorCode {
    /// Not a JSON object.
    NotAnObject,
    /// A field has a value it cannot have.
    InvalidField,
    /// Two fields need or exclude each other.
    Conflict,
    /// A URL may not be a target.
    TargetRefused,
    /// A rule is wrong.
    InvalidRule,
}

impl DocumentErrorCode {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::InvalidField => "invalid_field",
            Self::Conflict => "conflict",
            Self::TargetRefused => "target_refused",
            Self::InvalidRule => "invalid_rule",
        }
    }
}

impl DocumentError {
    pub(super) fn not_an_object() -> Self {
        Self { code: DocumentErrorCode::NotAnObject, message: "Le document doit être un objet JSON.".to_owned() }
    }

    pub(super) fn field(message: impl Into<String>) -> Self {
        Self { code: DocumentErrorCode::InvalidField, message: message.into() }
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self { code: DocumentErrorCode::Conflict, message: message.into() }
    }
}
