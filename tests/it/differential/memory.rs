//! The home in memory, behind the same HTTP surface, sending to the same receivers.

use super::receivers::{RETRY_AFTER, Receivers};
use super::subject::{Subject, Told};
use bytes::Bytes;
use render_signal::calendar::Timestamp;
use render_signal::config::{DocumentKey, Settings};
use render_signal::delivery::outcome::{Answer, SendError};
use render_signal::flow::{ConfigCache, Round, lease, run, sweep};
use render_signal::ledger::{MailFilter, MailLife};
use render_signal::memory::{
    MemoryClock, MemoryEntropy, MemoryHome, MemoryJournal, MemoryNames, MemoryQueue, MemoryStore, Passing,
};
use render_signal::ports::{ConfigStore as _, Fetch, Home, Ledger as _, Outgoing, Write};
use render_signal_handlers::http::{Call, Incoming, LargeBodies, Promise, RateLimit, ReadError, Service, Site, handle};
use serde_json::Value;
use std::sync::{Arc, Mutex};

pub(super) struct Memory {
    home: MemoryHome,
    receivers: Arc<Receivers>,
    large: LargeBodies,
    rate: RateLimit,
    round: Mutex<Option<Round>>,
}

impl Memory {
    pub(super) fn new(settings: &[(&'static str, String)], receivers: &Arc<Receivers>) -> Self {
        let builder = MemoryHome::builder().passing(Passing::ByHand);
        let builder = settings.iter().fold(builder, |builder, (name, value)| builder.setting(name, value));
        Self {
            home: builder.build().unwrap(),
            receivers: Arc::clone(receivers),
            large: LargeBodies::new(4),
            rate: RateLimit::new(None),
            round: Mutex::default(),
        }
    }

    async fn work(&self) {
        loop {
            let batch = lease(self, 8).await.unwrap();
            if batch.leases.is_empty() {
                return;
            }
            for lease in batch.leases {
                run(self, lease).await;
            }
        }
    }
}

impl Subject for Memory {
    async fn set_time(&self, now: Timestamp) {
        self.home.clock().set(now);
    }

    async fn configure(&self, document: &str, value: &Value) {
        let key = DocumentKey::parse(document).unwrap();
        let write = Write { key, value: value.clone(), expected: None, author: "a test".to_owned() };
        self.home.config().write(write).await.unwrap();
    }

    async fn round(&self) {
        let seen = self.round.lock().unwrap().take();
        let round = sweep(self, seen).await;
        *self.round.lock().unwrap() = round;
    }

    async fn push(&self, push: &Value) -> Told {
        let request = http::Request::post("/api/ingress/gmail")
            .header("authorization", format!("Bearer {}", crate::harness::TOKEN))
            .header("content-type", "application/json")
            .body(Whole(Some(push.to_string().into())))
            .unwrap();
        let answer = handle(self, Call { request, peer: None }).await;
        Told::of(answer.status().as_u16(), answer.body())
    }

    async fn settle(&self) {
        self.work().await;
    }

    async fn lives(&self) -> Vec<Value> {
        let mut lives: Vec<MailLife> = Vec::new();
        let mut filter = MailFilter { limit: 500, ..MailFilter::default() };
        loop {
            let page = self.home.ledger().list(&filter).await.unwrap();
            for mail in page.mails {
                lives.extend(self.home.ledger().life(&mail.id).await.unwrap());
            }
            filter.before = page.next;
            if filter.before.is_none() {
                return lives.iter().map(|life| serde_json::to_value(life).unwrap()).collect();
            }
        }
    }
}

/// A body in one piece.
struct Whole(Option<Bytes>);

impl Incoming for Whole {
    async fn next(&mut self) -> Option<Result<Bytes, ReadError>> {
        self.0.take().map(Ok)
    }
}

impl Fetch for Memory {
    async fn send(&self, request: Outgoing) -> Result<Answer, SendError> {
        let url: url::Url = request.url.as_str().parse().unwrap();
        let media_type = request.headers.iter().find(|(name, _)| name == "content-type").unwrap();
        let (status, media_type, body) = self.receivers.reply(url.path(), &media_type.1, &request.body);
        let retry_after = (status == 429).then(|| RETRY_AFTER.to_owned());
        Ok(Answer { status, content_type: Some(media_type.to_owned()), retry_after, body: body.into() })
    }
}

impl Home for Memory {
    type Ledger = MemoryStore;
    type Config = MemoryStore;
    type Fetch = Self;
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

    fn fetch(&self) -> &Self {
        self
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

impl Site for Memory {
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
        Service { home: "memory", store: "memory", promise: Promise::Kept }
    }
}
