//! The body of a delivery: the predecessor's JSON text, key for key, with our additions at its end.
//!
//! A body is a function of the mail and of its [`Facts`], which are decided and frozen when the delivery is first
//! leased: each retry and each replay renders the same bytes, so that one signature and one digest stand for all.
//! Nothing here decides a fact, and form mode is not a form: it sends this same text under another media type.

mod facts;
mod json;

pub use facts::{DeliveryLink, Facts, RuleRef};

use json::Object;

/// Code points of the body that `bodyPreview` shows, markup included.
const PREVIEW_CHARS: usize = 200;

/// What a payload says of the mail itself, as received.
#[derive(Debug, Clone, Copy)]
pub struct MailView<'a> {
    /// The predecessor's e-mail id, an MD5 in hexadecimal. Not the ledger's id.
    pub email_id: &'a str,
    /// The subject, untouched.
    pub subject: &'a str,
    /// The date as the client sent it.
    pub date: &'a str,
    /// The sender as the client sent it, often `Name <address>`.
    pub sender: &'a str,
    /// The sender's normalised address.
    pub sender_email: &'a str,
    /// The whole body.
    pub body: &'a str,
    /// Which intake took the mail: `gmail_push` for the Gmail client.
    pub source: &'a str,
}

/// The JSON text to send. Same inputs, same bytes: keys in a fixed order, non-ASCII unescaped, the predecessor's
/// separators `, ` and `: `. Keys whose fact is absent are left out, never null.
pub fn render(mail: &MailView<'_>, facts: &Facts) -> String {
    // All but the body first, to know the room it takes: a body may have ten mebibytes, and growing would copy it.
    let frame = write(String::new(), &MailView { body: "", ..*mail }, facts);
    let room = frame.len() + json::width(preview(mail.body)) + json::width(mail.body);
    write(String::with_capacity(room), mail, facts)
}

fn write(mut text: String, mail: &MailView<'_>, facts: &Facts) -> String {
    let mut object = Object::open(&mut text);
    write_mail(&mut object, mail);
    write_decision(&mut object, facts);
    write_additions(&mut object, facts);
    object.close();
    text
}

fn write_mail(object: &mut Object<'_>, mail: &MailView<'_>) {
    object.text("microsoft_graph_email_id", mail.email_id);
    object.text("subject", mail.subject);
    object.text("receivedDateTime", mail.date);
    object.text("sender_address", mail.sender);
    object.text("bodyPreview", preview(mail.body));
    object.text("email_content", mail.body);
    object.text("source", mail.source);
    object.text("sender_email", mail.sender_email);
}

fn write_decision(object: &mut Object<'_>, facts: &Facts) {
    object.text_if("detector", facts.detector.as_deref());
    object.text_if("delivery_time", facts.delivery_time.as_deref());
    object.text_if("webhooks_time_start", facts.webhooks_time_start.as_deref());
    object.text_if("webhooks_time_end", facts.webhooks_time_end.as_deref());
    if !facts.delivery_links.is_empty() {
        object.list("delivery_links", &facts.delivery_links, write_link);
    }
}

fn write_link(object: &mut Object<'_>, link: &DeliveryLink) {
    object.text("provider", &link.provider);
    object.text("raw_url", &link.raw_url);
    object.text_if("direct_url", link.direct_url.as_deref());
    object.text_if("r2_url", link.r2_url.as_deref());
    object.text_if("original_filename", link.original_filename.as_deref());
}

/// The keys the predecessor did not have. A receiver that reads by key never notices them.
fn write_additions(object: &mut Object<'_>, facts: &Facts) {
    if let Some(rule) = &facts.routing_rule {
        object.object("routing_rule", |inner| {
            inner.text("id", &rule.id);
            inner.text("name", &rule.name);
            inner.text("priority", &rule.priority);
        });
    }
    if !facts.captures.is_empty() {
        object.object("captures", |inner| facts.captures.iter().for_each(|(name, value)| inner.text(name, value)));
    }
    if facts.truncated {
        object.literal("truncated", "true");
    }
    object.text_if("follow_up_of", facts.follow_up_of.as_deref());
}

fn preview(body: &str) -> &str {
    body.char_indices().nth(PREVIEW_CHARS).and_then(|(end, _)| body.get(..end)).unwrap_or(body)
}

#[cfg(test)]
mod tests;
