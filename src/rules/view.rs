//! A mail while it is evaluated: each text in the forms that were asked for, each made once.

use super::fold::Form;
use super::prefilter::{Prefilter, Seen};
use super::{Facts, Field};
use core::slice;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

/// The facts of one mail, cut into the texts that conditions compare.
pub(super) struct View<'a> {
    facts: &'a Facts<'a>,
    /// The raw value and the address.
    sender: [Text<'a>; 2],
    domain: Text<'a>,
    name: Text<'a>,
    to: Vec<Text<'a>>,
    subject: Text<'a>,
    /// The raw body and its text.
    body: [Text<'a>; 2],
    /// Whether the two are one.
    body_is_text: bool,
    headers: HashMap<String, Vec<Text<'a>>>,
    detector: Text<'a>,
    providers: Vec<Text<'a>>,
    attachments: Vec<Text<'a>>,
    weekday: Text<'a>,
}

impl<'a> View<'a> {
    pub(super) fn new(facts: &'a Facts<'a>) -> Self {
        let mut headers = HashMap::<String, Vec<Text<'a>>>::new();
        for (name, value) in facts.headers {
            headers.entry(name.to_ascii_lowercase()).or_default().push(Text::new(value));
        }
        Self {
            facts,
            sender: [Text::new(facts.sender_raw), Text::new(facts.sender.email)],
            domain: Text::new(facts.sender.domain),
            name: Text::new(facts.sender.name),
            to: facts.to.iter().map(|address| Text::new(address)).collect(),
            subject: Text::new(facts.subject),
            body: [Text::new(facts.body_raw), Text::new(facts.body_text)],
            body_is_text: facts.body_raw == facts.body_text,
            headers,
            detector: Text::new(facts.detector.unwrap_or("none")),
            providers: facts.providers.iter().map(|provider| Text::new(provider)).collect(),
            attachments: facts.attachments.iter().map(|name| Text::new(name)).collect(),
            weekday: Text::new(facts.received.weekday.name()),
        }
    }

    /// The texts of a field: a condition holds when it does for one of them. Numbers have none.
    pub(super) fn texts(&self, field: &Field) -> &[Text<'a>] {
        let [raw, text] = &self.body;
        let [_, address] = &self.sender;
        match field {
            Field::Sender => &self.sender,
            Field::SenderAddress => slice::from_ref(address),
            Field::SenderDomain => slice::from_ref(&self.domain),
            Field::SenderName => slice::from_ref(&self.name),
            Field::To => &self.to,
            Field::Subject => slice::from_ref(&self.subject),
            // A plain-text mail is its own text: once is enough.
            Field::Body if self.body_is_text => slice::from_ref(raw),
            Field::Body => &self.body,
            Field::BodyText => slice::from_ref(text),
            Field::Header(name) => self.headers.get(name).map_or(&[], Vec::as_slice),
            Field::Detector => slice::from_ref(&self.detector),
            Field::Provider => &self.providers,
            Field::AttachmentName => &self.attachments,
            Field::ReceivedWeekday => slice::from_ref(&self.weekday),
            Field::LinksCount | Field::Size | Field::ReceivedHour => &[],
        }
    }

    /// The number of a field; `None` when it is unknown or a text.
    pub(super) fn number(&self, field: &Field) -> Option<u64> {
        match field {
            Field::LinksCount => u64::try_from(self.facts.links_count).ok(),
            Field::Size => self.facts.size,
            Field::ReceivedHour => Some(self.facts.received.hour.into()),
            _ => None,
        }
    }

    /// Whether the field has something to say.
    pub(super) fn exists(&self, field: &Field) -> bool {
        match field {
            Field::Detector => self.facts.detector.is_some(),
            Field::LinksCount => self.facts.links_count > 0,
            Field::Size | Field::ReceivedHour => self.number(field).is_some(),
            _ => self.texts(field).iter().any(|text| !text.as_it_came.trim().is_empty()),
        }
    }
}

/// A text and its forms.
pub(super) struct Text<'a> {
    as_it_came: &'a str,
    is_ascii: OnceCell<bool>,
    lower: OnceCell<Cow<'a, str>>,
    plain: OnceCell<Cow<'a, str>>,
    folded: OnceCell<Cow<'a, str>>,
    seen: OnceCell<Seen>,
}

impl<'a> Text<'a> {
    fn new(as_it_came: &'a str) -> Self {
        Self {
            as_it_came,
            is_ascii: OnceCell::new(),
            lower: OnceCell::new(),
            plain: OnceCell::new(),
            folded: OnceCell::new(),
            seen: OnceCell::new(),
        }
    }

    /// The text in that form.
    pub(super) fn form(&self, form: Form) -> &str {
        match form {
            Form::Exact => self.as_it_came,
            // The two forms of ASCII are the same, and the prefilter needs the folded one anyway.
            Form::Lower if *self.is_ascii.get_or_init(|| self.as_it_came.is_ascii()) => self.form(Form::Folded),
            Form::Lower => self.lower.get_or_init(|| form.of(self.as_it_came)),
            Form::Plain => self.plain.get_or_init(|| form.of(self.as_it_came)),
            Form::Folded => self.folded.get_or_init(|| form.of(self.as_it_came)),
        }
    }

    /// Whether the prefilter lets this text through to the condition of that number.
    pub(super) fn may_meet(&self, condition: usize, prefilter: &Prefilter) -> bool {
        !prefilter.restricts(condition)
            || prefilter.admits(condition, self.seen.get_or_init(|| prefilter.scan(self.form(Form::Folded))))
    }
}
