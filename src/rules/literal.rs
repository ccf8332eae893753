//! Which literals every match of a regular expression must hold.
//!
//! Conservative: where it is not sure, it says that nothing is required. All literals are folded, so that they are looked
//! for in folded text; a class such as the `[Ss]` of a case-insensitive `s` is one literal.

#[cfg(test)]
mod tests;

use super::fold::Form;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// Shorter literals occur in nearly every text: looking for them costs more than it saves.
pub(super) const MIN_LEN: usize = 3;
/// Spellings followed at once; more are given up.
const MAX_SPELLINGS: usize = 16;
/// Alternatives worth looking for.
const MAX_ALTERNATIVES: usize = 64;
/// Bytes of one spelling; a longer one is cut in two.
const MAX_LEN: usize = 64;

/// What is known of the texts an expression matches.
struct Known {
    /// All of them, if they are few.
    exact: Option<Vec<String>>,
    /// Literals of which each holds one.
    required: Option<Vec<String>>,
}

/// The literals of which every match holds at least one, each of [`MIN_LEN`] bytes or more.
pub(super) fn required(hir: &Hir) -> Option<Vec<String>> {
    known(hir).into_required()
}

impl Known {
    const NOTHING: Self = Self { exact: None, required: None };

    fn exactly(spellings: Vec<String>) -> Self {
        Self { exact: Some(spellings), required: None }
    }

    fn into_required(self) -> Option<Vec<String>> {
        better(self.exact.and_then(usable), self.required)
    }
}

fn known(hir: &Hir) -> Known {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Known::exactly(vec![String::new()]),
        HirKind::Literal(literal) => match core::str::from_utf8(&literal.0) {
            Ok(text) => Known::exactly(vec![Form::Folded.of(text).into_owned()]),
            Err(_) => Known::NOTHING,
        },
        HirKind::Class(class) => class_spellings(class).map_or(Known::NOTHING, Known::exactly),
        HirKind::Capture(capture) => known(&capture.sub),
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Concat(parts) => concatenated(parts),
        HirKind::Alternation(branches) => alternated(branches),
    }
}

fn class_spellings(class: &Class) -> Option<Vec<String>> {
    let Class::Unicode(class) = class else { return None };
    let mut spellings = Vec::new();
    for range in class.ranges() {
        if range.len() > MAX_SPELLINGS {
            return None;
        }
        for c in range.start()..=range.end() {
            let folded = Form::Folded.of(c.encode_utf8(&mut [0; 4])).into_owned();
            if !spellings.contains(&folded) {
                spellings.push(folded);
            }
        }
        if spellings.len() > MAX_SPELLINGS {
            return None;
        }
    }
    Some(spellings)
}

fn repeated(repetition: &Repetition) -> Known {
    let inner = known(&repetition.sub);
    match (repetition.min, repetition.max) {
        (0, Some(1)) => match inner.exact {
            Some(spellings) => union([spellings, vec![String::new()]]).map_or(Known::NOTHING, Known::exactly),
            None => Known::NOTHING,
        },
        (0, _) => Known::NOTHING,
        _ => Known { exact: None, required: inner.into_required() },
    }
}

fn concatenated(parts: &[Hir]) -> Known {
    // The spellings since the last part that was not known exactly.
    let mut run = vec![String::new()];
    let mut best = None;
    let mut whole = true;
    for part in parts {
        let part = known(part);
        if let Some(longer) = part.exact.as_ref().and_then(|spellings| crossed(&run, spellings)) {
            run = longer;
        } else {
            whole = false;
            best = better(better(best, usable(run)), part.required);
            run = part.exact.unwrap_or_else(|| vec![String::new()]);
        }
    }
    if whole { Known::exactly(run) } else { Known { exact: None, required: better(best, usable(run)) } }
}

fn alternated(branches: &[Hir]) -> Known {
    let branches: Vec<_> = branches.iter().map(known).collect();
    let exact: Option<Vec<_>> = branches.iter().map(|branch| branch.exact.clone()).collect();
    if let Some(spellings) = exact.and_then(union) {
        return Known::exactly(spellings);
    }
    let required: Option<Vec<_>> = branches.into_iter().map(Known::into_required).collect();
    Known { exact: None, required: required.map(|sets| sets.concat()).and_then(usable) }
}

/// Every spelling of the first followed by every one of the second, unless they become too many or too long.
fn crossed(first: &[String], second: &[String]) -> Option<Vec<String>> {
    if first.len().saturating_mul(second.len()) > MAX_SPELLINGS {
        return None;
    }
    let all: Vec<_> = first.iter().flat_map(|start| second.iter().map(move |end| format!("{start}{end}"))).collect();
    all.iter().all(|spelling| spelling.len() <= MAX_LEN).then_some(all)
}

fn union(sets: impl IntoIterator<Item = Vec<String>>) -> Option<Vec<String>> {
    let mut all: Vec<_> = sets.into_iter().flatten().collect();
    all.sort_unstable();
    all.dedup();
    (all.len() <= MAX_SPELLINGS).then_some(all)
}

/// The alternatives, if each of them is worth looking for.
fn usable(alternatives: Vec<String>) -> Option<Vec<String>> {
    let few = !alternatives.is_empty() && alternatives.len() <= MAX_ALTERNATIVES;
    (few && shortest(&alternatives) >= MIN_LEN).then_some(alternatives)
}

/// Of two requirements the more telling one: the longer literals, then the fewer.
fn better(one: Option<Vec<String>>, other: Option<Vec<String>>) -> Option<Vec<String>> {
    match (one, other) {
        (Some(one), Some(other)) => {
            let rank = |set: &[String]| (shortest(set), core::cmp::Reverse(set.len()));
            Some(if rank(&other) > rank(&one) { other } else { one })
        }
        (one, other) => one.or(other),
    }
}

fn shortest(alternatives: &[String]) -> usize {
    alternatives.iter().map(String::len).min().unwrap_or(0)
}
