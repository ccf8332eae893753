//! Why a set of rules is refused.

/// The first thing wrong with a set of rules. The message is French and meant for the user; where the predecessor had
/// one, it is that one to the letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{message}")]
pub struct RuleError {
    /// A stable word for the kind of fault.
    pub code: &'static str,
    /// What to tell the user.
    pub message: String,
    /// The faulty rule, counted from 0; `None` when the list itself is at fault.
    pub rule: Option<usize>,
    /// The faulty condition of that rule, counted from 0 in reading order, those inside groups included.
    pub condition: Option<usize>,
}

/// Where in the set the check is: lends its place to the errors made there.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) rule: usize,
    pub(super) name: String,
    pub(super) condition: Option<usize>,
}

impl RuleError {
    /// A fault of the list itself.
    pub(super) fn of_the_list(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), rule: None, condition: None }
    }
}

impl Place {
    /// An error with the predecessor's literal message.
    pub(super) fn literal(&self, code: &'static str, message: &str) -> RuleError {
        RuleError { code, message: message.to_owned(), rule: Some(self.rule), condition: self.condition }
    }

    /// An error with a message of our own, which names the rule and the condition.
    pub(super) fn error(&self, code: &'static str, what: impl core::fmt::Display) -> RuleError {
        let name: String = self.name.chars().take(80).collect();
        let named = if name.is_empty() { name } else { format!(" (« {name} »)") };
        let condition = self.condition.map(|condition| format!(", condition {}", condition + 1)).unwrap_or_default();
        self.literal(code, &format!("Règle {}{named}{condition} : {what}", self.rule + 1))
    }
}
