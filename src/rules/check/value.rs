//! What a condition compares with.

use super::{Check, Place, RuleError, json};
use crate::calendar::Weekday;
use crate::rules::field::Kind;
use crate::rules::matcher::Matcher;
use crate::rules::operator::Name;
use crate::rules::pattern::PatternError;
use crate::rules::{Condition, Field, Operator};
use serde_json::Value;

/// The operator of that name over that field, with the value it needs.
pub(super) fn operator(
    field: &Field,
    name: Name,
    value: Option<&Value>,
    check: Check<'_>,
    place: &Place,
) -> Result<Operator, RuleError> {
    let reader = Reader { field, value, check, place };
    match field.kind() {
        _ if name == Name::Exists => Ok(Operator::Exists),
        Kind::Number { max, cyclic } => reader.of_number(name, max, cyclic),
        kind => reader.of_text(name, kind),
    }
}

/// The literal messages for a pattern that no engine can run.
pub(super) fn pattern_compiles(condition: &Condition, place: &Place) -> Result<(), RuleError> {
    let Err(error) = Matcher::new(condition, 0).check_pattern() else { return Ok(()) };
    Err(match error {
        PatternError::Invalid => place.literal("pattern_invalid", "Expression régulière invalide."),
        PatternError::Unsupported => place.literal(
            "pattern_unsupported",
            "Expression régulière invalide (assertions avant/arrière et références arrière non prises en charge).",
        ),
        PatternError::TooLarge => {
            place.literal("pattern_too_large", "Expression régulière invalide (trop volumineuse une fois compilée).")
        }
    })
}

struct Reader<'a> {
    field: &'a Field,
    value: Option<&'a Value>,
    check: Check<'a>,
    place: &'a Place,
}

impl Reader<'_> {
    fn of_text(&self, name: Name, kind: Kind) -> Result<Operator, RuleError> {
        match name {
            Name::Contains => self.text(kind).map(Operator::Contains),
            Name::Equals => self.text(kind).map(Operator::Equals),
            Name::StartsWith => self.text(kind).map(Operator::StartsWith),
            Name::EndsWith => self.text(kind).map(Operator::EndsWith),
            Name::In => self.list(|reader| reader.text(kind)).map(Operator::In),
            Name::Regex => self.pattern().map(Operator::Regex),
            Name::Glob if kind != Kind::LongText => self.pattern().map(Operator::Glob),
            Name::Glob | Name::Exists | Name::Greater | Name::Less | Name::Between => self.unfit(name),
        }
    }

    fn of_number(&self, name: Name, max: u64, cyclic: bool) -> Result<Operator, RuleError> {
        match name {
            Name::Equals => self.number(max).map(Operator::Is),
            Name::In => self.list(|reader| reader.number(max)).map(Operator::OneOf),
            Name::Greater => self.number(max).map(Operator::Greater),
            Name::Less => self.number(max).map(Operator::Less),
            Name::Between => self.range(max, cyclic),
            Name::Contains | Name::StartsWith | Name::EndsWith | Name::Glob | Name::Regex | Name::Exists => {
                self.unfit(name)
            }
        }
    }

    fn unfit(&self, name: Name) -> Result<Operator, RuleError> {
        let what = format_args!("l'opérateur {} ne s'applique pas à {}.", name.as_str(), self.field);
        Err(self.place.error("operator_unfit", what))
    }

    /// A text as the predecessor read it: numbers are written out, blanks around are dropped.
    fn some_text(&self) -> Result<String, RuleError> {
        let text =
            json::text(self.value).ok_or_else(|| self.place.error("value_invalid", "value doit être un texte."))?;
        if text.is_empty() {
            return Err(self.place.literal("value_required", "Valeur de condition requise."));
        }
        Ok(text)
    }

    fn text(&self, kind: Kind) -> Result<String, RuleError> {
        let text = self.some_text()?;
        let max = self.check.bounds.value_chars;
        if text.chars().count() > max {
            let what = format_args!("valeur trop longue (max {max} caractères).");
            return Err(self.place.error("value_too_long", what));
        }
        if kind == Kind::Weekday && Weekday::parse(&text).is_none() {
            let what = "received.weekday attend un jour en anglais (monday, tuesday, …).";
            return Err(self.place.error("value_invalid", what));
        }
        Ok(text)
    }

    fn pattern(&self) -> Result<String, RuleError> {
        let text = self.some_text()?;
        let max = self.check.bounds.pattern_chars;
        if text.chars().count() > max {
            let message = format!("Expression régulière trop longue (max {max} caractères).");
            return Err(self.place.literal("pattern_too_long", &message));
        }
        Ok(text)
    }

    /// A whole number, as such or as text.
    fn number(&self, max: u64) -> Result<u64, RuleError> {
        let number = match self.value {
            None | Some(Value::Null) => {
                return Err(self.place.literal("value_required", "Valeur de condition requise."));
            }
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(other) => other.as_u64(),
        };
        number.filter(|number| *number <= max).ok_or_else(|| {
            let range = if max == u64::MAX { String::new() } else { format!(" entre 0 et {max}") };
            self.place.error("value_invalid", format_args!("{} attend un nombre entier{range}.", self.field))
        })
    }

    fn range(&self, max: u64, cyclic: bool) -> Result<Operator, RuleError> {
        let Some([low, high]) = self.value.and_then(Value::as_array).map(Vec::as_slice) else {
            let what = "between attend deux nombres : [début, fin].";
            return Err(self.place.error("value_invalid", what));
        };
        let (low, high) = (self.of(low).number(max)?, self.of(high).number(max)?);
        if low > high && !cyclic {
            let what = format_args!("between attend deux nombres dans l'ordre croissant (reçu {low} et {high}).");
            return Err(self.place.error("value_invalid", what));
        }
        Ok(Operator::Between(low, high))
    }

    fn list<T>(&self, item: impl Fn(&Reader<'_>) -> Result<T, RuleError>) -> Result<Vec<T>, RuleError> {
        let max = self.check.bounds.list_items;
        let Some(list) = self.value.and_then(Value::as_array) else {
            return Err(self.place.error("value_invalid", "in attend une liste de valeurs."));
        };
        if list.is_empty() {
            return Err(self.place.literal("value_required", "Valeur de condition requise."));
        }
        if list.len() > max {
            return Err(self.place.error("value_too_long", format_args!("liste trop longue (max {max} valeurs).")));
        }
        list.iter().map(|value| item(&self.of(value))).collect()
    }

    /// The same reader before another value.
    fn of<'v>(&'v self, value: &'v Value) -> Reader<'v> {
        Reader { field: self.field, value: Some(value), check: self.check, place: self.place }
    }
}
