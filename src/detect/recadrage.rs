//! The cropping job: a subject that names it, a provider in the body, and a time by which it is due.

use super::{Body, Reading, clock, lone_time, time_phrase, urgency};
use crate::calendar::TimeOfDay;
use crate::links;

/// What the subject must hold, in any order, as parts of words too.
const SUBJECT: [&str; 3] = ["media solution", "missions recadrage", "lot"];

/// When the job is due; `None` when the mail is none.
///
/// An urgent subject means in one hour, whatever the body says. Otherwise the phrases count before the lone times, and
/// within each the raw body before the plain text: a phrase behind tags is a better answer than a time beside it.
pub(super) fn delivery_time(mail: &Reading<'_>, now: TimeOfDay) -> Option<String> {
    let named = SUBJECT.iter().all(|part| mail.subject.contains(part));
    if !named || !mail.bodies().into_iter().any(mentions_provider) {
        return None;
    }
    if urgency::is_declared(&mail.subject) {
        return Some(clock::written(clock::in_an_hour(now)));
    }
    let phrase = mail.bodies().into_iter().find_map(|body| time_phrase::find(&body.normal));
    phrase.or_else(|| mail.bodies().into_iter().find_map(|body| lone_time::find(&body.normal)).map(clock::written))
}

/// A provider's link, or one without its scheme. Such a mention makes the mail a job, but yields no link to fetch.
fn mentions_provider(body: &Body<'_>) -> bool {
    body.as_is.contains("dropbox.com/scl/fo")
        || body.normal.contains("fromsmash.com/")
        || body.normal.contains("swisstransfer.com/d/")
        || links::mentions_provider(body.as_is)
}
