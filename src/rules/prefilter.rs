//! One pass over a text finds out which patterns cannot match it.

use super::fold::Form;
use super::literal::MIN_LEN;
use aho_corasick::AhoCorasick;
use std::collections::HashMap;

/// Bytes of a literal that are looked for; it bounds how many literals can end at one place.
const MAX_LEN: usize = 48;
/// Bytes of all literals together; it bounds the automaton. Conditions beyond have to look for themselves.
const MAX_TOTAL: usize = 1 << 20;

/// The literals of all conditions in one automaton over folded text.
#[derive(Debug)]
pub(super) struct Prefilter {
    automaton: Option<AhoCorasick>,
    literals: usize,
    /// For each condition, by its number: the literals of which a text must hold one. `None`: any text may match.
    required: Vec<Option<Box<[usize]>>>,
}

/// Which literals a text holds.
#[derive(Debug)]
pub(super) struct Seen(Vec<u64>);

impl Prefilter {
    /// The prefilter of these conditions, numbered as they come.
    pub(super) fn build(conditions: impl Iterator<Item = Option<Vec<String>>>) -> Self {
        let mut numbering = Numbering::default();
        let required: Vec<_> = conditions.map(|literals| numbering.number_all(&literals?)).collect();
        let mut literals: Vec<_> = numbering.numbers.into_iter().collect();
        literals.sort_unstable_by_key(|(_, number)| *number);
        // Without an automaton (there is a limit to their size) every text may match everything.
        let automaton = AhoCorasick::new(literals.iter().map(|(literal, _)| literal)).ok();
        Self { automaton, literals: literals.len(), required }
    }

    /// Which literals the text holds; it must be folded. Linear in the text.
    pub(super) fn scan(&self, folded: &str) -> Seen {
        let words = self.literals.div_ceil(64);
        let Some(automaton) = &self.automaton else { return Seen(vec![u64::MAX; words]) };
        let mut seen = Seen(vec![0; words]);
        for found in automaton.find_overlapping_iter(folded) {
            seen.insert(found.pattern().as_usize());
        }
        seen
    }

    /// Whether a text that holds these literals can meet the condition of that number.
    pub(super) fn admits(&self, condition: usize, seen: &Seen) -> bool {
        match self.required.get(condition) {
            Some(Some(literals)) => literals.iter().any(|literal| seen.contains(*literal)),
            _ => true,
        }
    }

    /// Whether the condition of that number needs a literal at all.
    pub(super) fn restricts(&self, condition: usize) -> bool {
        matches!(self.required.get(condition), Some(Some(_)))
    }
}

/// The literal to look for in folded text wherever `value` occurs, in whatever form; `None` when it is too short.
pub(super) fn literal_of(value: &str) -> Option<Vec<String>> {
    let folded = Form::Folded.of(value).into_owned();
    (folded.len() >= MIN_LEN).then(|| vec![folded])
}

/// Numbers literals as they come, each once.
#[derive(Default)]
struct Numbering {
    numbers: HashMap<String, usize>,
    bytes: usize,
}

impl Numbering {
    /// The numbers of these literals; `None` when there is no room for them.
    fn number_all(&mut self, literals: &[String]) -> Option<Box<[usize]>> {
        self.bytes += literals.iter().map(|literal| literal.len().min(MAX_LEN)).sum::<usize>();
        (self.bytes <= MAX_TOTAL).then(|| literals.iter().map(|literal| self.number(literal)).collect())
    }

    fn number(&mut self, literal: &str) -> usize {
        let cut = literal.get(..literal.floor_char_boundary(MAX_LEN)).unwrap_or(literal);
        let next = self.numbers.len();
        *self.numbers.entry(cut.to_owned()).or_insert(next)
    }
}

impl Seen {
    fn insert(&mut self, literal: usize) {
        if let Some(word) = self.0.get_mut(literal / 64) {
            *word |= 1 << (literal % 64);
        }
    }

    fn contains(&self, literal: usize) -> bool {
        self.0.get(literal / 64).is_some_and(|word| word >> (literal % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_and_nested_literals_are_all_seen() {
        let texts = ["abcd", "bcd", "cde", "xyz"];
        let prefilter = Prefilter::build(texts.iter().map(|text| literal_of(text)));
        let seen = prefilter.scan("zzabcdezz");
        let admitted: Vec<_> = (0..texts.len()).map(|number| prefilter.admits(number, &seen)).collect();
        assert_eq!(admitted, [true, true, true, false]);
    }

    #[test]
    fn conditions_without_a_literal_are_always_admitted() {
        let prefilter = Prefilter::build([None, literal_of("ab"), literal_of("É€a")].into_iter());
        let seen = prefilter.scan("nothing here");
        assert!(prefilter.admits(0, &seen) && prefilter.admits(1, &seen));
        assert!(!prefilter.admits(2, &seen));
    }

    #[test]
    fn long_literals_share_their_start() {
        let (long, wide) = ("é".repeat(80), format!("x{}", "€".repeat(80)));
        let prefilter = Prefilter::build([literal_of(&long), literal_of(&wide)].into_iter());
        assert!(prefilter.admits(0, &prefilter.scan(&"e".repeat(48))));
        assert!(!prefilter.admits(0, &prefilter.scan(&"e".repeat(47))));
        assert!(prefilter.admits(1, &prefilter.scan(&format!("x{}", "€".repeat(15)))));
    }

    #[test]
    fn conditions_beyond_the_room_are_always_admitted() {
        let literals = (0..40_000).map(|number| literal_of(&format!("{number:040}")));
        let prefilter = Prefilter::build(literals);
        let seen = prefilter.scan("nothing here");
        assert!(!prefilter.admits(0, &seen) && prefilter.admits(39_999, &seen));
    }
}
