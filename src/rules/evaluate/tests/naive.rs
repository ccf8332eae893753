//! The rule language in the shortest words: no prefilter, nothing kept, every text mapped and every pattern compiled each
//! time.

use super::Mail;
use crate::rules::{Condition, Field, Matching, Node, Operator, RuleSet};
use unicode_normalization::UnicodeNormalization;

pub(super) fn evaluate(set: &RuleSet, mail: &Mail) -> (Vec<usize>, bool) {
    let mut found = Vec::new();
    for (index, rule) in set.rules.iter().enumerate() {
        if rule.enabled && rule.conditions.iter().all(|node| holds(node, mail)) {
            found.push(index);
            if rule.actions.stop_processing {
                return (found, true);
            }
        }
    }
    (found, false)
}

fn holds(node: &Node, mail: &Mail) -> bool {
    match node {
        Node::Condition(condition) => meets(condition, mail) != condition.negate,
        Node::Group(group) => {
            let held = group.conditions.iter().filter(|node| holds(node, mail)).count();
            match group.matching {
                Matching::All => held == group.conditions.len(),
                Matching::Any => held > 0,
                Matching::None => held == 0,
            }
        }
    }
}

fn meets(condition: &Condition, mail: &Mail) -> bool {
    let links = u64::try_from(mail.links).unwrap();
    match &condition.operator {
        Operator::Is(number) => links == *number,
        Operator::Greater(number) => links > *number,
        Operator::Less(number) => links < *number,
        Operator::Exists => texts(&condition.field, mail).iter().any(|text| !text.trim().is_empty()),
        operator => texts(&condition.field, mail).iter().any(|text| compares(condition, operator, text)),
    }
}

fn texts<'m>(field: &Field, mail: &'m Mail) -> Vec<&'m str> {
    match field {
        Field::Sender => vec![&mail.from, &mail.address],
        Field::Subject => vec![&mail.subject],
        Field::Body => vec![&mail.html, &mail.text],
        Field::BodyText => vec![&mail.text],
        Field::To => mail.to.iter().map(String::as_str).collect(),
        Field::Header(name) => {
            let named = mail.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
            named.map(|(_, value)| value.as_str()).collect()
        }
        other => unreachable!("{other:?}"),
    }
}

fn compares(condition: &Condition, operator: &Operator, text: &str) -> bool {
    let map = |text: &str| mapped(condition, text);
    match operator {
        Operator::Contains(value) => map(text).contains(&map(value)),
        Operator::Equals(value) => map(text) == map(value),
        Operator::StartsWith(value) => map(text).starts_with(&map(value)),
        Operator::EndsWith(value) => map(text).ends_with(&map(value)),
        Operator::In(values) => values.iter().any(|value| map(text) == map(value)),
        Operator::Regex(pattern) => matches(condition, pattern, text),
        Operator::Glob(glob) => glob_matches(&letters(condition, glob), &letters(condition, text)),
        other => unreachable!("{other:?}"),
    }
}

fn matches(condition: &Condition, pattern: &str, text: &str) -> bool {
    let (pattern, text) = if condition.accent_sensitive {
        (pattern.to_owned(), text.to_owned())
    } else {
        (without_accents(pattern), without_accents(text))
    };
    let flags = if condition.case_sensitive { "" } else { "(?i)" };
    regex::Regex::new(&format!("{flags}{pattern}")).unwrap().is_match(&text)
}

fn mapped(condition: &Condition, text: &str) -> String {
    let text = if condition.accent_sensitive { text.to_owned() } else { without_accents(text) };
    match (condition.case_sensitive, condition.accent_sensitive) {
        (true, _) => text,
        (false, true) => text.to_lowercase(),
        // Where accents and case are ignored, so is the difference between `ß` and `ss`.
        (false, false) => text.to_lowercase().replace('ß', "ss"),
    }
}

fn without_accents(text: &str) -> String {
    text.nfd().filter(|c| !('\u{300}'..='\u{36F}').contains(c)).collect()
}

/// One letter for each: a `?` stands for a `ß`.
fn letters(condition: &Condition, text: &str) -> Vec<char> {
    let text = if condition.accent_sensitive { text.to_owned() } else { without_accents(text) };
    if condition.case_sensitive { text.chars().collect() } else { text.to_lowercase().chars().collect() }
}

fn glob_matches(glob: &[char], text: &[char]) -> bool {
    match (glob, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => glob_matches(rest, text) || (!text.is_empty() && glob_matches(glob, &text[1..])),
        (['?', rest @ ..], [_, left @ ..]) => glob_matches(rest, left),
        ([c, rest @ ..], [d, left @ ..]) => c == d && glob_matches(rest, left),
        _ => false,
    }
}
