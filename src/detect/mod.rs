//! The kinds of mail the product knows by itself: a cropping job ("recadrage") and an availability mail (DESABO).
//!
//! Pure reading: nothing here looks at windows, targets or policies, and what is detected changes nothing in the mail.
//! The caller cuts the body to its first mebibyte, makes its plain text, and hands in the local time.
//!
//! Both detectors read the raw body first, as the predecessor did, then the plain text, so that tags and entities hide
//! no word. Case, accents and spacing never matter. Every step is linear in the length of the mail.

mod clock;
mod desabo;
mod hour;
mod lone_time;
mod recadrage;
#[cfg(test)]
mod tests;
mod time_phrase;
mod urgency;

use crate::calendar::TimeOfDay;
use crate::mail::text;

/// What kind of mail this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detection {
    /// None that is known.
    None,
    /// A cropping job.
    Recadrage {
        /// When it is due: `HHhMM`, or `le DD/MM/YYYY à HHhMM`. The day is as written, not checked against a calendar.
        delivery_time: String,
    },
    /// An availability mail.
    Desabo {
        /// Whether it says that it is urgent.
        urgent: bool,
    },
}

impl Detection {
    /// The name in payloads, rules and records.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Recadrage { .. } => Some("recadrage"),
            Self::Desabo { .. } => Some("desabonnement_journee_tarifs"),
        }
    }
}

/// Detects the kind of a mail; a cropping job wins over an availability mail.
///
/// `plain_body` is the plain text of `raw_body`; `now` is the local time at which the mail was accepted, in the
/// configured zone.
pub fn detect(subject: &str, raw_body: &str, plain_body: &str, now: TimeOfDay) -> Detection {
    let reading = Reading::of(subject, raw_body, plain_body);
    if let Some(delivery_time) = recadrage::delivery_time(&reading, now) {
        return Detection::Recadrage { delivery_time };
    }
    match desabo::urgent(&reading) {
        Some(urgent) => Detection::Desabo { urgent },
        None => Detection::None,
    }
}

/// A mail as the detectors read it: every text folded and squeezed, and the bodies also as they came.
struct Reading<'a> {
    subject: String,
    raw: Body<'a>,
    plain: Body<'a>,
}

/// One of the two views of a body.
struct Body<'a> {
    as_is: &'a str,
    normal: String,
}

impl<'a> Reading<'a> {
    fn of(subject: &str, raw_body: &'a str, plain_body: &'a str) -> Self {
        let body = |as_is| Body { as_is, normal: text::normal(as_is) };
        Self { subject: text::normal(subject), raw: body(raw_body), plain: body(plain_body) }
    }

    /// Both views, the raw one first.
    fn bodies(&self) -> [&Body<'a>; 2] {
        [&self.raw, &self.plain]
    }
}
