//! Character references: `&eacute;`, `&#233;`, `&#xE9;`.

use std::borrow::Cow;
use std::sync::LazyLock;

/// The names of the HTML standard that end in `;`, sorted, one a line: the name, a space, what it stands for. The two that
/// stand for blanks which a line cannot show are in [`NAMES`].
static LINES: &str = include_str!("entities.txt");

static NAMES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let mut names: Vec<_> = LINES.lines().filter_map(|line| line.split_once(' ')).collect();
    names.extend([("NewLine", "\n"), ("Tab", "\t")]);
    names.sort_unstable();
    names
});

/// `text` with its character references decoded, once. Only those that end in `;` are; what is none, and what stands for a control
/// character other than a blank, is left as it is.
pub(crate) fn decode_entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        // A reference ends at its `;`, unless another begins before.
        let end = after.bytes().position(|byte| matches!(byte, b';' | b'&'));
        let Some((name, behind)) = end.and_then(|end| after.split_at_checked(end)) else {
            decoded.push('&');
            rest = after;
            break;
        };
        rest = behind;
        match (behind.strip_prefix(';'), Reference::read(name)) {
            (Some(behind), Some(reference)) => {
                reference.push_to(&mut decoded);
                rest = behind;
            }
            _ => decoded.extend(["&", name]),
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// What stands between `&` and `;`.
enum Reference {
    Named(&'static str),
    Numbered(char),
}

impl Reference {
    fn read(name: &str) -> Option<Self> {
        let Some(number) = name.strip_prefix('#') else {
            let at = NAMES.binary_search_by_key(&name, |(known, _)| known).ok()?;
            return NAMES.get(at).map(|(_, text)| Self::Named(text));
        };
        match number.strip_prefix(['x', 'X']) {
            Some(digits) => character(digits, 16),
            None => character(number, 10),
        }
        .map(Self::Numbered)
    }

    fn push_to(&self, decoded: &mut String) {
        match self {
            Self::Named(text) => decoded.push_str(text),
            Self::Numbered(character) => decoded.push(*character),
        }
    }
}

fn character(digits: &str, radix: u32) -> Option<char> {
    // A number may have a sign, a reference may not.
    let character = char::from_u32(u32::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'))?)?;
    (character >= ' ' || matches!(character, '\t' | '\n' | '\u{c}' | '\r')).then_some(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn theirs(text: &str) -> String {
        html_escape::decode_html_entities(text).into_owned()
    }

    #[test]
    fn every_name_stands_for_what_an_independent_implementation_says() {
        assert_eq!(NAMES.len(), html_escape::NAMED_ENTITIES.len());
        for (own, theirs) in NAMES.iter().zip(html_escape::NAMED_ENTITIES) {
            assert_eq!((own.0.as_bytes(), own.1), theirs);
        }
    }

    #[test]
    fn every_number_stands_for_its_character_or_for_nothing() {
        for number in (0..=0x11_0000).step_by(7).chain(0..300).chain(0xd7f0..0xe010) {
            for text in [format!("&#{number};"), format!("&#x{number:x};"), format!("&#X{number:X};")] {
                assert_eq!(decode_entities(&text), theirs(&text), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_reference_stays() {
        for text in [
            "&",
            "&;",
            "&#;",
            "&#x;",
            "&amp",
            "&amp &lt;",
            "&&amp;",
            "&#+65;",
            "&#x+41;",
            "&#-1;",
            "&#65a;",
            "&é;",
            "&AMP;;",
            "&a\n;",
        ] {
            assert_eq!(decode_entities(text), theirs(text), "{text}");
        }
        assert_eq!(decode_entities("&amp;eacute;"), "&eacute;");
        assert!(matches!(decode_entities("no reference"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn any_text_is_decoded_alike(parts in proptest::collection::vec("[&;#xX0-9a-fAé]|amp|lt|eacute;|&#x?|\\PC", 0..24)) {
            let text = parts.concat();
            prop_assert_eq!(decode_entities(&text), theirs(&text));
        }
    }
}
