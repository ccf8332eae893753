//! Reads the fields of a stored document leniently: what cannot be used is reported and absent.

use super::report::{Report, ReportCode};
use super::{DocumentKey, strict};
use crate::delivery::{TargetUrl, UrlPolicy, UrlRefusal};
use core::ops::RangeInclusive;
use serde_json::{Map, Value};

/// A stored document, or an object inside one, being read.
pub(super) struct Fields<'a> {
    key: DocumentKey,
    /// What stands before a field's name in reports: empty, or the name of the inner object and a dot.
    prefix: String,
    map: Option<&'a Map<String, Value>>,
    reports: &'a mut Vec<Report>,
}

impl<'a> Fields<'a> {
    /// The document's fields; none when it was never saved or is not an object.
    pub(super) fn open(key: DocumentKey, stored: Option<&'a Value>, reports: &'a mut Vec<Report>) -> Self {
        let stored = stored.filter(|value| !value.is_null());
        let map = stored.and_then(Value::as_object);
        if stored.is_some() && map.is_none() {
            let message = "is not a JSON object: its defaults hold".to_owned();
            reports.push(Report { document: key, field: "*".to_owned(), code: ReportCode::NotAnObject, message });
        }
        Self { key, prefix: String::new(), map, reports }
    }

    /// The fields of an inner object; none when it is absent or not an object.
    pub(super) fn inner(&mut self, name: &str) -> Fields<'_> {
        let map = self.value(name).and_then(|value| self.expect(name, value.as_object(), "an object"));
        Fields { key: self.key, prefix: format!("{}{name}.", self.prefix), map, reports: self.reports }
    }

    /// A field as stored. JSON null counts as absent.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name).filter(|value| !value.is_null())
    }

    /// A field that is true or false.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name)?;
        self.expect(name, value.as_bool(), "true or false")
    }

    /// A text, trimmed; absent when blank.
    pub(super) fn text(&mut self, name: &str) -> Option<&'a str> {
        let value = self.value(name)?;
        let text = self.expect(name, value.as_str(), "a text")?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// A whole number within bounds.
    pub(super) fn number(&mut self, name: &str, bounds: RangeInclusive<u32>) -> Option<u32> {
        let value = self.value(name)?;
        let number = strict::whole(value).and_then(|number| u32::try_from(number).ok());
        let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        self.expect(name, number.filter(|number| bounds.contains(number)), &expected)
    }

    /// A list.
    pub(super) fn list(&mut self, name: &str) -> &'a [Value] {
        let list = self.value(name).and_then(|value| self.expect(name, value.as_array(), "a list"));
        list.map_or(&[], Vec::as_slice)
    }

    /// A URL that may be a target, or why the stored one may not.
    pub(super) fn target(&mut self, name: &str, policy: &UrlPolicy) -> Result<Option<TargetUrl>, UrlRefusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        TargetUrl::parse(text, policy).map(Some).inspect_err(|refusal| {
            self.report(name, ReportCode::TargetRefused, format!("is refused as a target ({})", refusal.code()));
        })
    }

    /// Keeps the items that `parse` understands; the others make one report.
    pub(super) fn keep<T>(&mut self, name: &str, items: impl Iterator<Item = Option<T>>, expected: &str) -> Vec<T> {
        let mut bad = 0_usize;
        let kept = items.inspect(|item| bad += usize::from(item.is_none())).flatten().collect();
        if bad > 0 {
            let message = format!("{bad} of its items ignored: expected {expected}");
            self.report(name, ReportCode::InvalidItems, message);
        }
        kept
    }

    /// Reports a field.
    pub(super) fn report(&mut self, name: &str, code: ReportCode, message: String) {
        let field = format!("{}{name}", self.prefix);
        self.reports.push(Report { document: self.key, field, code, message });
    }

    /// The value, or a report that something else was expected.
    pub(super) fn expect<T>(&mut self, name: &str, value: Option<T>, expected: &str) -> Option<T> {
        if value.is_none() {
            let message = format!("expected {expected}: the default holds");
            self.report(name, ReportCode::InvalidField, message);
        }
        value
    }
}
