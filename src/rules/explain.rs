//! Saying why: an evaluation with somebody who writes it down.

#[cfg(test)]
mod tests;

use super::compile::ReadyRule;
use super::evaluate::Recorder;
use super::matcher::{Matcher, Outcome};
use super::view::View;
use super::{Compiled, Facts, Matching, Operator};
use core::ops::Range;
use serde::Serialize;

/// Characters of the mail shown on each side of a match, and of a short value that did not match.
const CONTEXT: usize = 30;

/// What came of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleTrace {
    /// The rule's place in the set, from 0.
    pub rule_index: usize,
    /// Its id.
    pub rule_id: String,
    /// Its name.
    pub rule_name: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Whether its conditions hold, even if it does not count.
    pub holds: bool,
    /// Its conditions, all of them looked at.
    pub nodes: Vec<NodeTrace>,
}

/// What a rule came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It adds its target.
    Matched,
    /// Its conditions do not hold.
    NotMatched,
    /// It is switched off.
    Disabled,
    /// A rule before it ended the evaluation.
    NotReached,
}

/// What came of a condition or a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum NodeTrace {
    /// A condition.
    Condition(ConditionTrace),
    /// A group.
    Group(GroupTrace),
}

/// What came of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupTrace {
    /// How many of its nodes must hold.
    #[serde(rename = "match")]
    pub matching: Matching,
    /// Whether it holds.
    pub holds: bool,
    /// Its nodes.
    pub nodes: Vec<NodeTrace>,
}

/// What came of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionTrace {
    /// The field looked at.
    pub field: String,
    /// The operator.
    pub operator: &'static str,
    /// What it was compared with, in short.
    pub expected: String,
    /// Whether the comparison had to fail.
    pub negate: bool,
    /// Whether the condition holds, `negate` taken in.
    pub holds: bool,
    /// What the comparison came to, before `negate`.
    pub reason: Reason,
    /// The mail's side of it: the place of the match, or the start of a short value; never more of a body than that.
    pub seen: Option<String>,
}

/// What a comparison came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The value meets it.
    Met,
    /// The value does not meet it.
    NotMet,
    /// The intake gave no such value.
    Unknown,
}

impl Compiled {
    /// What came of every rule and every condition, in order: those that were not needed included.
    pub fn explain(&self, facts: &Facts<'_>) -> Vec<RuleTrace> {
        let mut scribe = Scribe { rules: Vec::new(), open: vec![Vec::new()] };
        self.run(facts, &mut scribe);
        scribe.rules
    }
}

/// Writes down what it hears.
struct Scribe {
    rules: Vec<RuleTrace>,
    /// The nodes heard so far of the rule and of each group begun.
    open: Vec<Vec<NodeTrace>>,
}

impl Scribe {
    fn push(&mut self, node: NodeTrace) {
        if let Some(nodes) = self.open.last_mut() {
            nodes.push(node);
        }
    }
}

impl Recorder for Scribe {
    const EVERYTHING: bool = true;

    fn condition(&mut self, matcher: &Matcher, outcome: &Outcome<'_>, held: bool, view: &View<'_>) {
        let condition = &matcher.condition;
        self.push(NodeTrace::Condition(ConditionTrace {
            field: condition.field.to_string(),
            operator: condition.operator.name(),
            expected: expected(&condition.operator),
            negate: condition.negate,
            holds: held,
            reason: match outcome {
                Outcome::Text { .. } | Outcome::Value(_) => Reason::Met,
                Outcome::Failed(_) => Reason::NotMet,
                Outcome::Unknown => Reason::Unknown,
            },
            seen: seen(matcher, outcome, view),
        }));
    }

    fn open(&mut self) {
        self.open.push(Vec::new());
    }

    fn close(&mut self, matching: Matching, held: bool) {
        let nodes = self.open.pop().unwrap_or_default();
        self.push(NodeTrace::Group(GroupTrace { matching, holds: held, nodes }));
    }

    fn rule(&mut self, index: usize, ready: &ReadyRule, held: bool, stopped: bool) {
        let verdict = match (ready.rule.enabled, stopped, held) {
            (false, ..) => Verdict::Disabled,
            (true, true, _) => Verdict::NotReached,
            (true, false, true) => Verdict::Matched,
            (true, false, false) => Verdict::NotMatched,
        };
        self.rules.push(RuleTrace {
            rule_index: index,
            rule_id: ready.rule.id.clone(),
            rule_name: ready.rule.name.clone(),
            verdict,
            holds: held,
            nodes: self.open.last_mut().map(core::mem::take).unwrap_or_default(),
        });
    }
}

fn expected(operator: &Operator) -> String {
    let all = match operator {
        Operator::Contains(text)
        | Operator::Equals(text)
        | Operator::StartsWith(text)
        | Operator::EndsWith(text)
        | Operator::Glob(text)
        | Operator::Regex(text) => text.clone(),
        Operator::In(texts) => texts.join(", "),
        Operator::OneOf(numbers) => numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
        Operator::Is(number) | Operator::Greater(number) | Operator::Less(number) => number.to_string(),
        Operator::Between(low, high) => format!("{low}–{high}"),
        Operator::Exists => String::new(),
    };
    start_of(&all, 200)
}

fn seen(matcher: &Matcher, outcome: &Outcome<'_>, view: &View<'_>) -> Option<String> {
    use super::field::Kind;
    match outcome {
        Outcome::Text { text, at, .. } => Some(around(text, at)),
        Outcome::Value(Some(number)) | Outcome::Failed(Some(number)) => Some(number.to_string()),
        Outcome::Unknown => None,
        Outcome::Value(None) | Outcome::Failed(None) if matcher.condition.field.kind() == Kind::LongText => None,
        Outcome::Value(None) | Outcome::Failed(None) => {
            matcher.first_text(view).map(|text| start_of(text, 2 * CONTEXT))
        }
    }
}

/// The match and a little of what surrounds it.
fn around(text: &str, at: &Range<usize>) -> String {
    let (before, rest) = text.split_at_checked(at.start).unwrap_or((text, ""));
    let (found, after) = rest.split_at_checked(at.len()).unwrap_or((rest, ""));
    let start = before.char_indices().rev().nth(CONTEXT - 1).map_or(0, |(start, _)| start);
    let mut out = String::from(if start > 0 { "…" } else { "" });
    out.push_str(before.get(start..).unwrap_or_default());
    out.push_str(&start_of(found, 2 * CONTEXT));
    out.push_str(&start_of(after, CONTEXT));
    out
}

fn start_of(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
