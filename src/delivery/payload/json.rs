//! A writer of JSON text with the predecessor's spacing.
//!
//! Its own, and not a `serde_json` formatter, because writing strings into memory cannot fail and this one has no error
//! to invent a meaning for. It writes objects, lists of objects, strings and literals: all a payload has. Its escapes
//! are those of Python's `json.dumps(ensure_ascii=False)`, which are also `serde_json`'s.

/// An object being written. Keys come out in the order they are given.
pub(super) struct Object<'a> {
    out: &'a mut String,
    separator: &'static str,
}

impl<'a> Object<'a> {
    pub(super) fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, separator: "" }
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        write_string(self.out, value);
    }

    pub(super) fn text_if(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    /// A value that is JSON already.
    pub(super) fn literal(&mut self, key: &str, json: &'static str) {
        self.key(key);
        self.out.push_str(json);
    }

    pub(super) fn object(&mut self, key: &str, write: impl FnOnce(&mut Object<'_>)) {
        self.key(key);
        write_object(self.out, write);
    }

    pub(super) fn list<T>(&mut self, key: &str, items: &[T], write: impl Fn(&mut Object<'_>, &T)) {
        self.key(key);
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            self.out.push_str(if index == 0 { "" } else { ", " });
            write_object(self.out, |object| write(object, item));
        }
        self.out.push(']');
    }

    pub(super) fn close(self) {
        self.out.push('}');
    }

    fn key(&mut self, key: &str) {
        self.out.push_str(self.separator);
        self.separator = ", ";
        write_string(self.out, key);
        self.out.push_str(": ");
    }
}

/// Bytes that `value` takes between its quotes.
pub(super) fn width(value: &str) -> usize {
    value.bytes().map(escaped_width).sum()
}

fn escaped_width(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

fn write_object(out: &mut String, write: impl FnOnce(&mut Object<'_>)) {
    let mut object = Object::open(out);
    write(&mut object);
    object.close();
}

fn write_string(out: &mut String, value: &str) {
    out.push('"');
    let mut rest = value;
    // Every character that needs an escape is one byte, so the text splits cleanly around it.
    while let Some((at, byte)) = rest.bytes().enumerate().find(|&(_, byte)| escaped_width(byte) > 1) {
        let (plain, tail) = rest.split_at(at);
        out.push_str(plain);
        write_escape(out, byte);
        rest = tail.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.push('"');
}

fn write_escape(out: &mut String, byte: u8) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        0x08 => out.push_str("\\b"),
        0x0c => out.push_str("\\f"),
        other => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            let digit = |half: u8| DIGITS.get(usize::from(half)).copied().map_or('0', char::from);
            out.push_str("\\u00");
            out.push(digit(other >> 4));
            out.push(digit(other & 0xf));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn string(value: &str) -> String {
        let mut out = String::new();
        write_string(&mut out, value);
        out
    }

    #[test]
    fn only_what_json_demands_is_escaped() {
        assert_eq!(string("é 🎬 </p> \u{7f}\u{2028}"), "\"é 🎬 </p> \u{7f}\u{2028}\"");
        assert_eq!(string("a\"b\\c\n\r\t\u{8}\u{c}\u{0}\u{1f}"), r#""a\"b\\c\n\r\t\b\f\u0000\u001f""#);
    }

    #[test]
    fn spacing_is_the_predecessors() {
        let mut out = String::new();
        let mut object = Object::open(&mut out);
        object.text("a", "1");
        object.literal("b", "true");
        object.list("c", &["x", "y"], |inner, item| inner.text("k", item));
        object.list("d", &[0; 0], |_, _| {});
        object.object("e", |_| {});
        object.close();
        assert_eq!(out, r#"{"a": "1", "b": true, "c": [{"k": "x"}, {"k": "y"}], "d": [], "e": {}}"#);
    }

    proptest! {
        #[test]
        fn strings_are_written_as_serde_json_writes_them(value in any::<String>(), controls in "[\\x00-\\x22\\\\é]{0,20}") {
            for text in [value, controls] {
                prop_assert_eq!(string(&text), serde_json::to_string(&text).unwrap());
                prop_assert_eq!(string(&text).len(), width(&text) + 2);
            }
        }
    }
}
