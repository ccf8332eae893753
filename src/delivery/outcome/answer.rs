//! The answer of a target.

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// Bytes of an answer's body that are read, counted after decompression.
pub const ANSWER_LIMIT: usize = 16 * 1024;

const SNIPPET_CHARS: usize = 200;

/// What a target answered, as far as we read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// `Content-Type`, kept for the record. It decides nothing: receivers announce their JSON as anything.
    pub content_type: Option<String>,
    /// `Retry-After`, as sent.
    pub retry_after: Option<String>,
    /// The first [`ANSWER_LIMIT`] bytes of the decoded body; it may be cut anywhere.
    pub body: Vec<u8>,
}

impl Answer {
    /// What the log shows of the body: at most 200 characters, blanks collapsed, undecodable bytes and control
    /// characters replaced or dropped.
    pub fn snippet(&self) -> String {
        shorten(&String::from_utf8_lossy(&self.body))
    }

    /// Why the target says it refused, for the log: its own `message`, else the start of its answer. Empty when it
    /// answered nothing.
    pub fn message(&self) -> String {
        let message = self.report().message.map(|text| shorten(&text)).filter(|text| !text.is_empty());
        message.unwrap_or_else(|| self.snippet())
    }

    /// Whether the body is a JSON object that says `"success": false`.
    pub(super) fn denies_success(&self) -> bool {
        self.report().success == Some(false)
    }

    /// Whether a protection in front of the target answered instead of the target.
    pub(super) fn is_bot_protection(&self) -> bool {
        let text = String::from_utf8_lossy(&self.body).to_ascii_lowercase();
        text.contains("imunify360") || text.contains("bot-protection")
    }

    /// Nothing to show in the body.
    pub(super) fn is_blank(&self) -> bool {
        self.snippet().is_empty()
    }

    fn report(&self) -> Report {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        let mut report = Report::default();
        let mut reader = serde_json::Deserializer::from_slice(body);
        match reader.deserialize_map(ReportReader(&mut report)).and_then(|()| reader.end()) {
            Ok(()) => report,
            // The answer goes on beyond what was read: what it said until then counts.
            Err(error) if error.is_eof() => report,
            Err(_) => Report::default(),
        }
    }
}

/// The two members of a JSON answer that mean something to us; the last of each wins.
#[derive(Default)]
struct Report {
    success: Option<bool>,
    message: Option<String>,
}

/// Notes members as it meets them, so that those before a cut are not lost.
struct ReportReader<'a>(&'a mut Report);

impl<'de> Visitor<'de> for ReportReader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "success" => self.0.success = members.next_value::<Value>()?.as_bool(),
                "message" => self.0.message = members.next_value::<Value>()?.as_str().map(str::to_owned),
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

fn shorten(text: &str) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        let mut word = word.chars().filter(|c| !c.is_control()).peekable();
        if !short.is_empty() && word.peek().is_some() {
            short.push(' ');
        }
        short.extend(word);
        // A character has at most four bytes: enough is here, whatever its kind.
        if short.len() > SNIPPET_CHARS * 4 {
            break;
        }
    }
    short.chars().take(SNIPPET_CHARS).collect()
}
