//! Mails to push.

use serde_json::{Map, Value, json};

/// A push in the making. What must never be seen in a log carries the marks of `secrecy`: the subject from its fourth word on,
/// the sender's name and local part, the body.
#[derive(Debug, Clone)]
pub(crate) struct Mail(Map<String, Value>);

impl Mail {
    /// A mail unlike all others of another name. The name is part of its subject.
    pub(crate) fn new(name: &str) -> Self {
        let Value::Object(fields) = json!({
            "message_id": format!("message-{name}"),
            "subject": format!("Commande du jour qzsubject {name}"),
            "sender": "Qzsender Dupont <Qzsender@client.example>",
            "date": "2026-04-10T09:54:38.000Z",
            "body": format!("<p>Bonjour, qzbody de {name}: é 🎬</p>"),
        }) else {
            unreachable!()
        };
        Self(fields)
    }

    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0.insert(field.to_owned(), value.into());
        self
    }

    pub(crate) fn without(mut self, field: &str) -> Self {
        self.0.remove(field);
        self
    }

    pub(crate) fn subject(&self) -> String {
        self.0["subject"].as_str().unwrap().to_owned()
    }

    pub(crate) fn body(&self) -> &str {
        self.0["body"].as_str().unwrap()
    }

    pub(crate) fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}
