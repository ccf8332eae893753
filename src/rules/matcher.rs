//! One condition made ready: its value in the form it is compared in, its pattern compiled when first needed.

use super::fold::{Accents, Case, Form};
use super::pattern::{Pattern, PatternError, RegexCase};
use super::prefilter::{self, Prefilter};
use super::view::{Text, View};
use super::{Condition, Operator};
use core::ops::Range;
use std::collections::BTreeMap;

/// A capture keeps this many bytes at most: it travels in every payload.
const CAPTURE_LEN: usize = 2_000;

/// A condition made ready to compare.
#[derive(Debug)]
pub(super) struct Matcher {
    pub(super) condition: Condition,
    /// Its number in the prefilter.
    number: usize,
    form: Form,
    test: Test,
}

/// What is asked of the field.
#[derive(Debug)]
enum Test {
    Contains(String),
    Equals(String),
    StartsWith(String),
    EndsWith(String),
    /// Sorted.
    In(Vec<String>),
    Pattern(Pattern),
    Exists,
    Number(NumberTest),
}

#[derive(Debug)]
enum NumberTest {
    OneOf(Vec<u64>),
    Greater(u64),
    Less(u64),
    Between(u64, u64),
}

/// What came of a comparison, before `negate`.
pub(super) enum Outcome<'v> {
    /// It holds, in this text, there; with what its pattern captured.
    Text { text: &'v str, at: Range<usize>, captures: BTreeMap<String, String> },
    /// The field's value meets it.
    Value(Option<u64>),
    /// It does not hold.
    Failed(Option<u64>),
    /// The field has no value to compare.
    Unknown,
}

impl Outcome<'_> {
    pub(super) const fn holds(&self) -> bool {
        matches!(self, Self::Text { .. } | Self::Value(_))
    }
}

impl Matcher {
    pub(super) fn new(condition: &Condition, number: usize) -> Self {
        let accents = if condition.accent_sensitive { Accents::Kept } else { Accents::Ignored };
        let case = if condition.case_sensitive { Case::Kept } else { Case::Ignored };
        let patterned = matches!(condition.operator, Operator::Regex(_) | Operator::Glob(_));
        // A pattern ignores case by itself: its captures keep the mail's own letters.
        let form = Form::new(if patterned { Case::Kept } else { case }, accents);
        let test = test(condition, form);
        Self { condition: condition.clone(), number, form, test }
    }

    /// The literals of which a text must hold one to meet this condition.
    pub(super) fn required_literals(&self) -> Option<Vec<String>> {
        match &self.test {
            Test::Contains(value) => prefilter::literal_of(value),
            Test::Pattern(pattern) => pattern.required_literals(),
            _ => None,
        }
    }

    /// Whether the pattern of this condition, if it has one, can be used.
    pub(super) fn check_pattern(&self) -> Result<(), PatternError> {
        match &self.test {
            Test::Pattern(pattern) => pattern.compile().map(drop),
            _ => Ok(()),
        }
    }

    /// Compares.
    pub(super) fn look<'v>(&self, view: &'v View<'_>, prefilter: &Prefilter) -> Outcome<'v> {
        let field = &self.condition.field;
        match &self.test {
            Test::Exists if view.exists(field) => Outcome::Value(view.number(field)),
            Test::Exists => Outcome::Failed(None),
            Test::Number(test) => match view.number(field) {
                None => Outcome::Unknown,
                Some(number) if test.holds(number) => Outcome::Value(Some(number)),
                Some(number) => Outcome::Failed(Some(number)),
            },
            _ => self.look_at_texts(view.texts(field), prefilter),
        }
    }

    fn look_at_texts<'v>(&self, texts: &'v [Text<'_>], prefilter: &Prefilter) -> Outcome<'v> {
        if texts.is_empty() {
            return Outcome::Unknown;
        }
        texts
            .iter()
            .filter(|text| text.may_meet(self.number, prefilter))
            .find_map(|text| self.find(text.form(self.form)))
            .unwrap_or(Outcome::Failed(None))
    }

    fn find<'v>(&self, text: &'v str) -> Option<Outcome<'v>> {
        let at = match &self.test {
            Test::Contains(value) => text.find(value.as_str()).map(|start| start..start + value.len()),
            Test::Equals(value) => (text == value).then_some(0..text.len()),
            Test::StartsWith(value) => text.starts_with(value.as_str()).then_some(0..value.len()),
            Test::EndsWith(value) => text.strip_suffix(value.as_str()).map(|start| start.len()..text.len()),
            Test::In(values) => values.binary_search_by(|value| value.as_str().cmp(text)).ok().map(|_| 0..text.len()),
            Test::Pattern(pattern) => return search(pattern, text),
            Test::Exists | Test::Number(_) => None,
        };
        at.map(|at| Outcome::Text { text, at, captures: BTreeMap::new() })
    }

    /// The text this condition was compared with first, for an explanation.
    pub(super) fn first_text<'v>(&self, view: &'v View<'_>) -> Option<&'v str> {
        view.texts(&self.condition.field).first().map(|text| text.form(Form::Exact))
    }
}

fn test(condition: &Condition, form: Form) -> Test {
    let ready = |value: &str| form.of(value).into_owned();
    let case = if condition.case_sensitive { RegexCase::Kept } else { RegexCase::Ignored };
    match &condition.operator {
        Operator::Contains(value) => Test::Contains(ready(value)),
        Operator::Equals(value) => Test::Equals(ready(value)),
        Operator::StartsWith(value) => Test::StartsWith(ready(value)),
        Operator::EndsWith(value) => Test::EndsWith(ready(value)),
        Operator::In(values) => {
            let mut values: Vec<_> = values.iter().map(|value| ready(value)).collect();
            values.sort_unstable();
            Test::In(values)
        }
        Operator::Glob(value) => Test::Pattern(Pattern::glob(value, case, form)),
        Operator::Regex(value) => Test::Pattern(Pattern::regex(value, case, form)),
        Operator::Exists => Test::Exists,
        Operator::Is(number) => Test::Number(NumberTest::OneOf(vec![*number])),
        Operator::OneOf(numbers) => Test::Number(NumberTest::OneOf(numbers.clone())),
        Operator::Greater(number) => Test::Number(NumberTest::Greater(*number)),
        Operator::Less(number) => Test::Number(NumberTest::Less(*number)),
        Operator::Between(low, high) => Test::Number(NumberTest::Between(*low, *high)),
    }
}

impl NumberTest {
    fn holds(&self, number: u64) -> bool {
        match self {
            Self::OneOf(numbers) => numbers.contains(&number),
            Self::Greater(bound) => number > *bound,
            Self::Less(bound) => number < *bound,
            Self::Between(low, high) if low <= high => (low..=high).contains(&&number),
            Self::Between(low, high) => number >= *low || number <= *high,
        }
    }
}

fn search<'v>(pattern: &Pattern, text: &'v str) -> Option<Outcome<'v>> {
    let regex = pattern.get()?;
    if regex.captures_len() == 1 {
        return regex.find(text).map(|found| Outcome::Text { text, at: found.range(), captures: BTreeMap::new() });
    }
    let found = regex.captures(text)?;
    let at = found.get(0)?.range();
    let named = regex.capture_names().flatten().filter_map(|name| Some((name, found.name(name)?.as_str())));
    let captures = named.map(|(name, value)| (name.to_owned(), cut(value).to_owned())).collect();
    Some(Outcome::Text { text, at, captures })
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(CAPTURE_LEN)).unwrap_or(text)
}
