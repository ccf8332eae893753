//! The phrase that sets a delivery time: `à faire pour 14h30`, `à faire pour le 3/9/2025 à 9h`.
//!
//! Reads a folded, squeezed text, so that a blank is one space and `à` is `a`.

use super::clock;
use super::hour::{self, Style, digits};
use crate::calendar::TimeOfDay;

const OPENING: &str = "a faire pour ";

/// The delivery time of a text. A phrase with a date outranks one without, `14h30` outranks `14:30`; of equals the first
/// in the text counts. A phrase whose hour or minute does not exist is none.
pub(super) fn find(text: &str) -> Option<String> {
    let dated = Style::ALL.iter().find_map(|style| first(text, |rest| dated(rest, *style)));
    dated.or_else(|| Style::ALL.iter().find_map(|style| first(text, |rest| Some(clock::written(time(rest, *style)?)))))
}

/// What `read` makes of the first phrase it can read. It looks at a bounded number of characters of each.
fn first(text: &str, read: impl Fn(&str) -> Option<String>) -> Option<String> {
    text.match_indices(OPENING).find_map(|(at, opening)| read(text.get(at + opening.len()..)?))
}

/// `le D/M/YYYY à [à] time`. The day is taken as written.
fn dated(rest: &str, style: Style) -> Option<String> {
    let (day, rest) = digits(rest.strip_prefix("le ")?, 2)?;
    let (month, rest) = digits(rest.strip_prefix('/')?, 2)?;
    let (year, rest) = digits(rest.strip_prefix('/')?, 4).filter(|(year, _)| year.len() == 4)?;
    let time = clock::written(time(rest.strip_prefix(" a ")?, style)?);
    Some(format!("le {day:0>2}/{month:0>2}/{year} à {time}"))
}

/// `[à] time`: one superfluous `à` is forgiven.
fn time(rest: &str, style: Style) -> Option<TimeOfDay> {
    hour::read(rest.strip_prefix("a ").unwrap_or(rest), style).map(|(time, _)| time)
}
