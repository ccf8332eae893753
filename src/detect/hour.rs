//! Reading a time at the start of a text: `9h`, `9h5`, `14h30` or `9:05`.

use crate::calendar::TimeOfDay;

/// The two ways of writing a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `H` `h`, then up to two digits of minutes; none means the full hour, one is a number (`9h5` is five past).
    Letter,
    /// `H` `:` and exactly two digits of minutes.
    Colon,
}

impl Style {
    /// In the order in which they are looked for.
    pub(super) const ALL: [Self; 2] = [Self::Letter, Self::Colon];
}

/// The time `text` begins with, and what follows it. `None` too for an hour over 23 or a minute over 59.
pub(super) fn read(text: &str, style: Style) -> Option<(TimeOfDay, &str)> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = match style {
        Style::Letter => {
            let rest = rest.strip_prefix('h')?;
            digits(rest, 2).unwrap_or(("0", rest))
        }
        Style::Colon => digits(rest.strip_prefix(':')?, 2).filter(|(minute, _)| minute.len() == 2)?,
    };
    Some((TimeOfDay::new(hour.parse().ok()?, minute.parse().ok()?)?, rest))
}

/// The one to `most` ASCII digits `text` begins with, and what follows them.
pub(super) fn digits(text: &str, most: usize) -> Option<(&str, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    text.split_at_checked(count).filter(|_| count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles() {
        let rows = [
            ("9h", Style::Letter, Some(("09h00", ""))),
            ("9h5x", Style::Letter, Some(("09h05", "x"))),
            ("14h305", Style::Letter, Some(("14h30", "5"))),
            ("114h", Style::Letter, None),
            ("24h", Style::Letter, None),
            ("9h60", Style::Letter, None),
            ("9:05", Style::Letter, None),
            ("9:05", Style::Colon, Some(("09h05", ""))),
            ("9:5", Style::Colon, None),
            ("23:59:", Style::Colon, Some(("23h59", ":"))),
            ("٩h", Style::Letter, None),
        ];
        for (text, style, expected) in rows {
            let time = read(text, style).map(|(time, rest)| (super::super::clock::written(time), rest));
            assert_eq!(time, expected.map(|(time, rest)| (time.to_owned(), rest)), "{text}");
        }
    }
}
