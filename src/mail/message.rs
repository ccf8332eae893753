//! The mail as it came in.

use crate::mail::{SenderEmail, mask};
use core::fmt;
use serde::{Deserialize, Serialize};

/// One mail, verbatim: nothing is trimmed, decoded or shortened, because the payload carries it on unchanged.
///
/// Its `Debug` output shows no subject, sender or body in clear, so that a mail may stand in a log line.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The subject line; empty when none was sent.
    pub subject: String,
    /// The raw From value, such as `Technique <technique@client.example>`.
    pub sender: String,
    /// The address found in `sender`.
    pub sender_email: SenderEmail,
    /// The date as the intake wrote it. Opaque: it is part of the [`EmailId`](crate::mail::EmailId), never parsed.
    pub date: String,
    /// HTML or text, up to the size limit of the intake (10 MiB).
    pub body: String,
    /// The mailbox's own id of the mail, from the intakes that know it.
    pub message_id: Option<String>,
    /// The mailbox's own id of the conversation, from the intakes that know it.
    pub thread_id: Option<String>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("subject", &mask::subject(&self.subject))
            .field("sender_email", &self.sender_email)
            .field("date", &self.date)
            .field("body", &mask::content_length(&self.body))
            .field("message_id", &self.message_id)
            .field("thread_id", &self.thread_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            subject: "Secret plan for the merger".into(),
            sender: "Jane Roe <jane.roe@client.example>".into(),
            sender_email: SenderEmail::from_raw("Jane Roe <jane.roe@client.example>"),
            date: "2026-04-10T09:54:38.000Z".into(),
            body: "confidential".into(),
            message_id: Some("18c0".into()),
            thread_id: None,
        }
    }

    #[test]
    fn debug_shows_nothing_in_clear() {
        let shown = format!("{:?}", mail());
        for clear in ["merger", "Jane", "jane.roe", "confidential"] {
            assert!(!shown.contains(clear), "{clear} in {shown}");
        }
        assert!(shown.contains("Content length: 12 chars") && shown.contains("j***@client.example"), "{shown}");
    }

    #[test]
    fn json_brings_the_same_mail_back() {
        let text = serde_json::to_string(&mail()).unwrap();
        assert_eq!(serde_json::from_str::<Mail>(&text).unwrap(), mail());
    }
}
