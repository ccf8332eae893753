//! Regular expressions, bounded in size and linear in time.

use super::fold::Form;
use regex::{Regex, RegexBuilder};
use std::sync::OnceLock;

/// Bytes a compiled expression may take: the usual ones take less than a tenth, `\w{200}` takes more.
const COMPILED_SIZE: usize = 1 << 20;
/// Bytes an expression's search cache may grow to. It is thrown away and refilled beyond, never refused.
const CACHE_SIZE: usize = 1 << 20;

/// An expression that is compiled when first needed, then kept.
#[derive(Debug)]
pub(super) struct Pattern {
    source: String,
    case: RegexCase,
    compiled: OnceLock<Option<Regex>>,
}

/// Whether an expression tells upper from lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RegexCase {
    Kept,
    Ignored,
}

/// Why an expression cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PatternError {
    /// It is not an expression.
    Invalid,
    /// It needs look-around or back-references, which no linear-time engine has.
    Unsupported,
    /// It would take too much memory.
    TooLarge,
}

impl Pattern {
    /// The expression of a `regex` condition, for texts in that form. Where accents are ignored they are dropped from
    /// the expression too.
    pub(super) fn regex(source: &str, case: RegexCase, form: Form) -> Self {
        Self { source: form.of(source).into_owned(), case, compiled: OnceLock::new() }
    }

    /// The expression that means the same as a glob: `*` for any text, `?` for one character.
    pub(super) fn glob(glob: &str, case: RegexCase, form: Form) -> Self {
        let mut source = String::from(r"(?s)\A");
        for c in form.of(glob).chars() {
            match c {
                '*' => source.push_str(".*"),
                '?' => source.push('.'),
                other => source.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
            }
        }
        source.push_str(r"\z");
        Self { source, case, compiled: OnceLock::new() }
    }

    /// The engine; `None` when the expression is none, which the check excludes.
    pub(super) fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.compile().ok()).as_ref()
    }

    /// Compiles without keeping the result.
    pub(super) fn compile(&self) -> Result<Regex, PatternError> {
        RegexBuilder::new(&self.source)
            .case_insensitive(self.case == RegexCase::Ignored)
            .size_limit(COMPILED_SIZE)
            .dfa_size_limit(CACHE_SIZE)
            .build()
            .map_err(|error| self.blame(&error))
    }

    /// The literals of which every match holds one; `None` when there are none of use.
    pub(super) fn required_literals(&self) -> Option<Vec<String>> {
        super::literal::required(&self.syntax().parse(&self.source).ok()?)
    }

    fn syntax(&self) -> regex_syntax::Parser {
        regex_syntax::ParserBuilder::new().case_insensitive(self.case == RegexCase::Ignored).build()
    }

    fn blame(&self, error: &regex::Error) -> PatternError {
        use regex_syntax::ast::ErrorKind::{UnsupportedBackreference, UnsupportedLookAround};
        if matches!(error, regex::Error::CompiledTooBig(_)) {
            return PatternError::TooLarge;
        }
        match self.syntax().parse(&self.source) {
            Err(regex_syntax::Error::Parse(error))
                if matches!(error.kind(), UnsupportedBackreference | UnsupportedLookAround) =>
            {
                PatternError::Unsupported
            }
            _ => PatternError::Invalid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str) -> Result<(), PatternError> {
        Pattern::regex(source, RegexCase::Ignored, Form::Exact).compile().map(drop)
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        assert_eq!(check(r"[\w.+-]+@[\w-]+\.\w{2,}"), Ok(()));
        assert_eq!(check(r"(a+)+$"), Ok(()));
        assert_eq!(check("("), Err(PatternError::Invalid));
        assert_eq!(check(r"(?=a)b"), Err(PatternError::Unsupported));
        assert_eq!(check(r"(a)\1"), Err(PatternError::Unsupported));
        assert_eq!(check(r"\w{1000}{10}"), Err(PatternError::TooLarge));
    }

    #[test]
    fn a_glob_is_the_whole_text() {
        let matches = |glob, text| Pattern::glob(glob, RegexCase::Ignored, Form::Exact).get().unwrap().is_match(text);
        assert!(matches("*@client.fr", "Alice@CLIENT.fr"));
        assert!(!matches("*@client.fr", "alice@client.fr.evil.example"));
        assert!(!matches("a.c", "abc"));
        assert!(matches("a?c", "a\nc"));
        assert!(!matches("a?c", "ac"));
    }
}
