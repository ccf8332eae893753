//! How large a set of rules may be.

/// The limits checked when rules are saved. The default is what the product offers; a thousand rules stay fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Rules in the set.
    pub rules: usize,
    /// Conditions of one rule, those inside groups counted.
    pub conditions: usize,
    /// Groups inside groups; the rule's own list of conditions is not counted.
    pub depth: usize,
    /// Characters of a regex or of a glob.
    pub pattern_chars: usize,
    /// Characters of any other value, and of a rule's id and name.
    pub value_chars: usize,
    /// Values of an `in` list.
    pub list_items: usize,
    /// Hours a held mail may be told to wait.
    pub hold_hours: u16,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            rules: 200,
            conditions: 50,
            depth: 3,
            pattern_chars: 200,
            value_chars: 2_000,
            list_items: 500,
            hold_hours: 30 * 24,
        }
    }
}
