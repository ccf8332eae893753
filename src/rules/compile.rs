//! A set of rules made ready to run.

use super::matcher::Matcher;
use super::prefilter::Prefilter;
use super::{Matching, Node, Rule, RuleSet};
use std::sync::OnceLock;

/// Rules ready to run, to be kept as long as they do not change. Making it is cheap: the prefilter is built at the first
/// evaluation, and each pattern when a mail first gets past the prefilter.
#[derive(Debug)]
pub struct Compiled {
    pub(super) rules: Vec<ReadyRule>,
    prefilter: OnceLock<Prefilter>,
}

/// A rule and its conditions, made ready.
#[derive(Debug)]
pub(super) struct ReadyRule {
    pub(super) rule: Rule,
    pub(super) nodes: Vec<ReadyNode>,
}

#[derive(Debug)]
pub(super) enum ReadyNode {
    Condition(Box<Matcher>),
    Group(Matching, Vec<ReadyNode>),
}

/// Makes the rules ready to run.
pub fn compile(set: &RuleSet) -> Compiled {
    let mut conditions = 0;
    let ready = |rule: &Rule| ReadyRule { rule: rule.clone(), nodes: ready_nodes(&rule.conditions, &mut conditions) };
    Compiled { rules: set.rules.iter().map(ready).collect(), prefilter: OnceLock::new() }
}

impl Compiled {
    pub(super) fn prefilter(&self) -> &Prefilter {
        self.prefilter.get_or_init(|| {
            let mut matchers = Vec::new();
            for rule in &self.rules {
                collect(&rule.nodes, &mut matchers);
            }
            Prefilter::build(matchers.into_iter().map(Matcher::required_literals))
        })
    }
}

/// Numbers the conditions in reading order, the order in which [`collect`] finds them again.
fn ready_nodes(nodes: &[Node], conditions: &mut usize) -> Vec<ReadyNode> {
    nodes
        .iter()
        .map(|node| match node {
            Node::Condition(condition) => {
                let matcher = Matcher::new(condition, *conditions);
                *conditions += 1;
                ReadyNode::Condition(Box::new(matcher))
            }
            Node::Group(group) => ReadyNode::Group(group.matching, ready_nodes(&group.conditions, conditions)),
        })
        .collect()
}

fn collect<'m>(nodes: &'m [ReadyNode], matchers: &mut Vec<&'m Matcher>) {
    for node in nodes {
        match node {
            ReadyNode::Condition(matcher) => matchers.push(matcher),
            ReadyNode::Group(_, nodes) => collect(nodes, matchers),
        }
    }
}
