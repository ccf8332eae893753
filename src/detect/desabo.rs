//! The availability mail: a day at the usual rates, and a wish to unsubscribe or an upload request.

use super::{Body, Reading, urgency};

/// What a body must hold.
const REQUIRED: [&str; 2] = ["journee", "tarifs habituels"];

/// What it must not: mails about bills and cancellations use the same words. Parts of words veto too.
const FORBIDDEN: [&str; 6] = ["annulation", "facturation", "facture", "moment", "reference client", "total ht"];

const UNSUBSCRIBE: &str = "desabonn";
const UPLOAD_REQUEST: &str = "https://www.dropbox.com/request/";

/// Whether the mail is urgent; `None` when it is no availability mail.
///
/// A veto in either view of the body counts, hidden by tags or only in them. The other words must stand in one view.
pub(super) fn urgent(mail: &Reading<'_>) -> Option<bool> {
    let forbidden = mail.bodies().into_iter().any(|body| FORBIDDEN.iter().any(|word| body.normal.contains(word)));
    let matches = !forbidden && mail.bodies().into_iter().any(|body| is_availability(mail, body));
    matches.then(|| is_urgent(mail))
}

fn is_availability(mail: &Reading<'_>, body: &Body<'_>) -> bool {
    let unsubscribes = || body.normal.contains(UNSUBSCRIBE) || mail.subject.contains(UNSUBSCRIBE);
    // The upload request may stand in a link that the plain text no longer shows.
    let requests = || mail.bodies().into_iter().any(|body| body.normal.contains(UPLOAD_REQUEST));
    REQUIRED.iter().all(|word| body.normal.contains(word)) && (unsubscribes() || requests())
}

/// The plain text decides when it speaks of urgency at all: there a negation stands beside its word.
fn is_urgent(mail: &Reading<'_>) -> bool {
    let visible = urgency::is_mentioned(&mail.plain.normal);
    let body = if visible { &mail.plain } else { &mail.raw };
    urgency::is_affirmed(&mail.subject) || urgency::is_affirmed(&body.normal)
}
