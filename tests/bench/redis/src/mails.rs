//! Mails for a load: all of one length, no two alike.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The ingress token of every server and peer here.
pub(crate) const TOKEN: &str = "token-of-the-measure";

/// Where a mail is pushed to.
pub(crate) const PUSH: &str = "/api/ingress/gmail";

/// Mails whose subjects begin alike, so that a rule can tell where they go.
pub(crate) struct Mails {
    subject: String,
    body: String,
}

impl Mails {
    /// Mails with a body of so many bytes.
    pub(crate) fn new(subject: &str, bytes: usize) -> Self {
        let text = "<p>Bonjour, voici le texte d'un message ordinaire.</p>";
        Self { subject: subject.to_owned(), body: text.repeat(bytes / text.len() + 1)[..bytes].to_owned() }
    }

    /// The next one: its subject, and the request that pushes it.
    pub(crate) fn next(&self) -> (String, Vec<u8>) {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let (subject, body) = (format!("{} {number:08}", self.subject), &self.body);
        let json = format!(
            r#"{{"message_id":"message-{number:08}","subject":"{subject}","sender":"Mesure <mesure@client.example>","date":"2026-04-10T09:54:38.000Z","body":"{body}"}}"#
        );
        let head = format!(
            "POST {PUSH} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            json.len()
        );
        (subject, [head, json].concat().into_bytes())
    }
}
