//! Running the rules over a mail.

#[cfg(test)]
pub(super) mod tests;

use super::compile::{ReadyNode, ReadyRule};
use super::matcher::{Matcher, Outcome};
use super::prefilter::Prefilter;
use super::view::View;
use super::{Actions, Compiled, Facts, Matching, Priority};
use std::collections::BTreeMap;

/// What the rules say about a mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evaluation {
    /// The rules that hold, in order.
    pub matched: Vec<Match>,
    /// Whether the last of them ended the evaluation: neither later rules nor the default target follow.
    pub stopped: bool,
}

/// A rule that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Its place in the set, from 0.
    pub rule_index: usize,
    /// Its id.
    pub rule_id: String,
    /// Its name.
    pub rule_name: String,
    /// The priority it gives its delivery.
    pub priority: Priority,
    /// What it does.
    pub action: Actions,
    /// What the named groups of its regexes captured, at most 2,000 bytes each. Of an `any` group only the first
    /// condition that holds captures; of two captures of one name the first stays.
    pub captures: BTreeMap<String, String>,
}

/// Listens to an evaluation. The evaluation itself is the same whoever listens.
pub(super) trait Recorder {
    /// Whether conditions that no longer matter are looked at too.
    const EVERYTHING: bool;
    /// A condition was compared; `held` is after `negate`.
    fn condition(&mut self, matcher: &Matcher, outcome: &Outcome<'_>, held: bool, view: &View<'_>);
    /// A group begins.
    fn open(&mut self);
    /// The group that began last ends.
    fn close(&mut self, matching: Matching, held: bool);
    /// A rule ends. It counts when it is enabled and no rule before it stopped the evaluation.
    fn rule(&mut self, index: usize, rule: &ReadyRule, held: bool, stopped: bool);
}

/// Nobody listens.
struct Silence;

impl Recorder for Silence {
    const EVERYTHING: bool = false;
    fn condition(&mut self, _: &Matcher, _: &Outcome<'_>, _: bool, _: &View<'_>) {}
    fn open(&mut self) {}
    fn close(&mut self, _: Matching, _: bool) {}
    fn rule(&mut self, _: usize, _: &ReadyRule, _: bool, _: bool) {}
}

impl Compiled {
    /// What these rules say about the mail. Linear in the mail for each pattern that gets past the prefilter.
    pub fn evaluate(&self, facts: &Facts<'_>) -> Evaluation {
        self.run(facts, &mut Silence)
    }

    pub(super) fn run<R: Recorder>(&self, facts: &Facts<'_>, recorder: &mut R) -> Evaluation {
        let view = View::new(facts);
        let mut evaluation = Evaluation::default();
        for (index, ready) in self.rules.iter().enumerate() {
            let counts = ready.rule.enabled && !evaluation.stopped;
            if !counts && !R::EVERYTHING {
                continue;
            }
            let mut walk = Walk { view: &view, prefilter: self.prefilter(), recorder: &mut *recorder };
            let captures = walk.nodes(Matching::All, &ready.nodes);
            recorder.rule(index, ready, captures.is_some(), evaluation.stopped);
            if let (true, Some(captures)) = (counts, captures) {
                evaluation.stopped = ready.rule.actions.stop_processing;
                evaluation.matched.push(Match::new(index, ready, captures));
            }
        }
        evaluation
    }
}

impl Match {
    fn new(rule_index: usize, ready: &ReadyRule, captures: Captures) -> Self {
        let rule = &ready.rule;
        Self {
            rule_index,
            rule_id: rule.id.clone(),
            rule_name: rule.name.clone(),
            priority: rule.actions.priority,
            action: rule.actions.clone(),
            captures,
        }
    }
}

type Captures = BTreeMap<String, String>;

/// One walk through the nodes of a rule.
struct Walk<'w, 'a, R> {
    view: &'w View<'a>,
    prefilter: &'w Prefilter,
    recorder: &'w mut R,
}

impl<R: Recorder> Walk<'_, '_, R> {
    /// The captures of the nodes if they hold together, `None` if they do not.
    fn nodes(&mut self, matching: Matching, nodes: &[ReadyNode]) -> Option<Captures> {
        let mut captures = Captures::new();
        let mut decided = None;
        for node in nodes {
            let held = self.node(node);
            if decided.is_some() {
                continue;
            }
            decided = match (matching, &held) {
                (Matching::All, None) | (Matching::None, Some(_)) => Some(false),
                (Matching::Any, Some(_)) => Some(true),
                _ => None,
            };
            for (name, value) in held.into_iter().flatten() {
                captures.entry(name).or_insert(value);
            }
            if decided.is_some() && !R::EVERYTHING {
                break;
            }
        }
        let held = decided.unwrap_or(matching != Matching::Any);
        held.then_some(captures)
    }

    fn node(&mut self, node: &ReadyNode) -> Option<Captures> {
        match node {
            ReadyNode::Condition(matcher) => self.condition(matcher),
            ReadyNode::Group(matching, nodes) => {
                self.recorder.open();
                let captures = self.nodes(*matching, nodes);
                self.recorder.close(*matching, captures.is_some());
                captures
            }
        }
    }

    fn condition(&mut self, matcher: &Matcher) -> Option<Captures> {
        let outcome = matcher.look(self.view, self.prefilter);
        let held = outcome.holds() != matcher.condition.negate;
        self.recorder.condition(matcher, &outcome, held, self.view);
        match outcome {
            Outcome::Text { captures, .. } if held => Some(captures),
            _ => held.then(Captures::new),
        }
    }
}
