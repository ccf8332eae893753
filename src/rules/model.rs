//! A set of rules that passed the checks.
//!
//! Only [`check`](super::check) makes these outside this module's tests: whoever holds one need not look again.

use super::{Field, Operator};
use serde::{Deserialize, Serialize};

/// The rules in the order in which they run. Their ids differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RuleSet {
    /// The rules.
    pub rules: Vec<Rule>,
}

/// What must hold, and what to do then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The rule's id, unique in its set.
    pub id: String,
    /// What the user calls it.
    pub name: String,
    /// Whether it runs.
    pub enabled: bool,
    /// What must hold: all of these, never none.
    pub conditions: Vec<Node>,
    /// What to do when they hold.
    pub actions: Actions,
}

/// A condition, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// One comparison.
    Condition(Condition),
    /// Several nodes taken together.
    Group(Group),
}

/// Several nodes taken together; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// How many of them must hold.
    pub matching: Matching,
    /// The nodes.
    pub conditions: Vec<Node>,
}

/// How many nodes of a group must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// Every one.
    All,
    /// One or more.
    Any,
    /// Not a single one.
    None,
}

/// One comparison of a field with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Condition {
    /// What is looked at.
    pub field: Field,
    /// How, and what it is compared with.
    pub operator: Operator,
    /// Whether upper and lower case differ; false by default.
    pub case_sensitive: bool,
    /// Whether accented and plain letters differ; true by default.
    pub accent_sensitive: bool,
    /// Whether the comparison must fail.
    pub negate: bool,
}

/// What a rule does with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Actions {
    /// Where the mail goes.
    pub destination: Destination,
    /// How urgent its delivery is.
    pub priority: Priority,
    /// Whether later rules, and the default target, are left out.
    pub stop_processing: bool,
    /// Whether the mail waits until somebody sends it.
    pub hold: bool,
    /// With `hold`: the hours after which it leaves by itself.
    pub hold_hours: Option<u16>,
}

/// Where a rule sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// An https URL.
    Url(String),
    /// The id of a configured target.
    Target(String),
}

/// How urgent a delivery is. The order is the order of sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// First.
    High,
    /// As they come.
    #[default]
    Normal,
    /// When nothing else is due.
    Low,
}

impl Priority {
    /// The word for it, or `None` when there is no such priority; blanks and case do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "high" => Some(Self::High),
            "normal" => Some(Self::Normal),
            "low" => Some(Self::Low),
            _ => None,
        }
    }

    /// Its word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}
