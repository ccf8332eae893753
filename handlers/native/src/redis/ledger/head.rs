//! What never changes of a mail and of a delivery, as it is kept beside their rows.

use render_signal::calendar::Timestamp;
use render_signal::delivery::payload::Facts;
use render_signal::ledger::NewMail;
use render_signal::mail::{BodyDigest, EmailId, MailId, SenderEmail, Source};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A mail without its body and without what can be learned later: the key `head:<seq>`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head<'a> {
    pub(crate) id: Cow<'a, MailId>,
    pub(crate) email_id: Cow<'a, EmailId>,
    pub(crate) digest: Cow<'a, BodyDigest>,
    pub(crate) source: Source,
    pub(crate) sender: Cow<'a, str>,
    pub(crate) sender_email: Cow<'a, SenderEmail>,
    pub(crate) subject: Cow<'a, str>,
    pub(crate) date: Cow<'a, str>,
    pub(crate) body_bytes: u64,
    pub(crate) accepted_at: Timestamp,
}

impl<'a> Head<'a> {
    /// The head of a mail.
    pub(crate) fn of(new: &'a NewMail) -> Self {
        Self {
            id: Cow::Borrowed(&new.id),
            email_id: Cow::Borrowed(&new.email_id),
            digest: Cow::Borrowed(&new.digest),
            source: new.source,
            sender: Cow::Borrowed(&new.mail.sender),
            sender_email: Cow::Borrowed(&new.mail.sender_email),
            subject: Cow::Borrowed(&new.mail.subject),
            date: Cow::Borrowed(&new.mail.date),
            body_bytes: u64::try_from(new.mail.body.len()).unwrap_or(u64::MAX),
            accepted_at: new.accepted_at,
        }
    }
}

/// Where a delivery goes and with what: the key `job:<seq>`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Frozen<'a> {
    pub(crate) url: Cow<'a, str>,
    pub(crate) facts: Cow<'a, Facts>,
}
