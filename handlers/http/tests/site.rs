//! A site over the memory home, and requests to it.

use crate::http::{Call, Incoming, LargeBodies, Promise, RateLimit, ReadError, Service, Site, handle};
use bytes::Bytes;
use futures_executor::block_on;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request};
use render_signal::config::{DocumentKey, Settings};
use render_signal::flow::ConfigCache;
use render_signal::ledger::{MailFilter, MailSummary};
use render_signal::memory::{
    MemoryClock, MemoryEntropy, MemoryFetch, MemoryHome, MemoryJournal, MemoryNames, MemoryQueue, MemoryStore,
};
use render_signal::ports::{ConfigStore, Home, Ledger, Write};
use serde_json::{Value, json};
use std::net::IpAddr;

pub(crate) const TOKEN: &str = "qztoken-5f0c1d";
pub(crate) const GMAIL: &str = "/api/ingress/gmail";

/// The `email_id` of [`mail`].
pub(crate) const EMAIL_ID: &str = "894fa9ed281619ef8728994e495e645d";

/// What every answer carries, literally.
const SECURITY: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; \
         trusted-types lit-html",
    ),
    ("cache-control", "no-store"),
];

pub(crate) struct MemorySite {
    pub(crate) home: MemoryHome,
    large: LargeBodies,
    promise: Promise,
    rate: RateLimit,
}

impl MemorySite {
    /// A site with its token and these settings, and four places for large bodies.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        Self::bare(&[&[("PROCESS_API_TOKEN", TOKEN)], settings].concat(), 4)
    }

    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// A site with these settings only.
    pub(crate) fn bare(settings: &[(&str, &str)], places: usize) -> Self {
        let builder =
            settings.iter().fold(MemoryHome::builder(), |builder, (name, value)| builder.setting(name, value));
        let home = builder.build().unwrap();
        let rate = RateLimit::new(home.settings().ingress.rate_per_minute);
        Self { home, large: LargeBodies::new(places), promise: Promise::Kept, rate }
    }

    /// The same site, whose store is known to keep what it takes, or not.
    pub(crate) fn promising(mut self, promise: Promise) -> Self {
        self.promise = promise;
        self
    }

    /// Writes a document, whatever is there.
    pub(crate) fn configure(&self, key: DocumentKey, value: Value) {
        let write = Write { key, value, expected: None, author: "test".to_owned() };
        block_on(self.home.config().write(write)).unwrap();
    }

    /// Every mail on record, newest first.
    pub(crate) fn mails(&self) -> Vec<MailSummary> {
        block_on(self.home.ledger().list(&MailFilter { limit: 500, ..MailFilter::default() })).unwrap().mails
    }

    /// Answers a request of a peer whose address is not known.
    pub(crate) fn send<B: Incoming>(&self, request: Request<B>) -> Answer {
        self.send_from(None, request)
    }

    /// Answers a request. Whatever the answer says, it carries the security headers.
    pub(crate) fn send_from<B: Incoming>(&self, peer: Option<IpAddr>, request: Request<B>) -> Answer {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = block_on(handle(self, Call { request, peer }));
        let (head, body) = answer.into_parts();
        for (name, value) in SECURITY {
            assert_eq!(
                head.headers.get(name).map(http::HeaderValue::as_bytes),
                Some(value.as_bytes()),
                "{what}: {name}"
            );
        }
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(crate) fn push(&self, mail: &Value) -> Answer {
        self.send(push(mail))
    }

    pub(crate) fn call(&self, method: Method, uri: &str) -> Answer {
        self.send(Request::builder().method(method).uri(uri).body(None::<Bytes>).unwrap())
    }

    pub(crate) fn get(&self, uri: &str) -> Answer {
        self.call(Method::GET, uri)
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The status and the whole body, which is JSON and says so.
    pub(crate) fn told(&self) -> (u16, Value) {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        (self.status, serde_json::from_slice(&self.body).unwrap())
    }
}

/// A refusal: its status, message and code.
pub(crate) fn refusal(status: u16, message: &str, code: &str) -> (u16, Value) {
    (status, json!({"success": false, "message": message, "code": code}))
}

/// What a push of [`mail`] is told when it is not refused.
pub(crate) fn taken(status: &str) -> (u16, Value) {
    (200, json!({"success": true, "status": status, "email_id": EMAIL_ID}))
}

pub(crate) fn mail() -> Value {
    json!({
        "subject": "Hello",
        "sender": "Alice <alice@client.example>",
        "date": "2026-01-02T03:04:05.000Z",
        "body": "<p>Bonjour</p>",
    })
}

/// The push of the Gmail client.
pub(crate) fn push(mail: &Value) -> Request<Option<Bytes>> {
    push_bytes(mail.to_string())
}

pub(crate) fn push_bytes(bytes: impl Into<Bytes>) -> Request<Option<Bytes>> {
    let request = Request::post(GMAIL).header(AUTHORIZATION, format!("Bearer {TOKEN}"));
    request.header(CONTENT_TYPE, "application/json").body(Some(bytes.into())).unwrap()
}

/// A body that comes in pieces, first to last, and may break off.
pub(crate) struct Pieces(pub(crate) Vec<Result<Bytes, ReadError>>);

impl Incoming for Pieces {
    async fn next(&mut self) -> Option<Result<Bytes, ReadError>> {
        if self.0.is_empty() { None } else { Some(self.0.remove(0)) }
    }
}

impl Home for MemorySite {
    type Ledger = MemoryStore;
    type Config = MemoryStore;
    type Fetch = MemoryFetch;
    type Queue = MemoryQueue;
    type Clock = MemoryClock;
    type Entropy = MemoryEntropy;
    type Journal = MemoryJournal;

    fn ledger(&self) -> &MemoryStore {
        self.home.ledger()
    }

    fn config(&self) -> &MemoryStore {
        self.home.config()
    }

    fn config_cache(&self) -> &ConfigCache {
        self.home.config_cache()
    }

    fn fetch(&self) -> &MemoryFetch {
        self.home.fetch()
    }

    fn queue(&self) -> &MemoryQueue {
        self.home.queue()
    }

    fn clock(&self) -> &MemoryClock {
        self.home.clock()
    }

    fn entropy(&self) -> &MemoryEntropy {
        self.home.entropy()
    }

    fn journal(&self) -> &MemoryJournal {
        self.home.journal()
    }

    fn settings(&self) -> &Settings {
        self.home.settings()
    }
}

impl Site for MemorySite {
    type Names = MemoryNames;

    fn names(&self) -> &MemoryNames {
        self.home.names()
    }

    fn large_bodies(&self) -> &LargeBodies {
        &self.large
    }

    fn ingress_rate(&self) -> &RateLimit {
        &self.rate
    }

    fn services(&self) -> Service {
        Service { home: "test", store: "memory", promise: self.promise }
    }
}
