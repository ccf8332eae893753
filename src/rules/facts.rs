//! What the rules can know of a mail.

use crate::calendar::{Local, Weekday};

/// A mail, as the rules see it. What the intake does not know is empty or `None`: no operator holds for it, and every
/// negated one does.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The From value as it came.
    pub sender_raw: &'a str,
    /// Its parts.
    pub sender: Sender<'a>,
    /// The recipients' addresses.
    pub to: &'a [String],
    /// The subject as it came.
    pub subject: &'a str,
    /// The body as it came.
    pub body_raw: &'a str,
    /// The body without tags, entities decoded.
    pub body_text: &'a str,
    /// The headers, name and value.
    pub headers: &'a [(String, String)],
    /// The detector that knew the mail.
    pub detector: Option<&'a str>,
    /// The providers among the extracted links.
    pub providers: &'a [&'a str],
    /// How many links were extracted.
    pub links_count: usize,
    /// The names of the attachments.
    pub attachments: &'a [String],
    /// The mail's size in bytes.
    pub size: Option<u64>,
    /// When it was accepted, in the configured zone.
    pub received: Received,
}

/// The parts of a From value.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sender<'a> {
    /// The address.
    pub email: &'a str,
    /// The part of the address after the `@`.
    pub domain: &'a str,
    /// The display name.
    pub name: &'a str,
}

/// The hour and the day of the week at which a mail was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// The hour, 0–23.
    pub hour: u8,
    /// The day of the week.
    pub weekday: Weekday,
}

impl From<Local> for Received {
    fn from(local: Local) -> Self {
        Self { hour: local.hour, weekday: local.weekday }
    }
}
