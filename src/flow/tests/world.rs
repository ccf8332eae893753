//! The world around the flows: a client that pushes until it is told 200, workers, the regular round, receivers, time.

use crate::calendar::Timestamp;
use crate::config::{DocumentKey, Snapshot};
use crate::flow::{IngestError, Ingested, Round, current, ingest, lease_request, run, sweep};
use crate::ledger::{DeliveryView, Lease, LeaseRequest, MailFilter, MailLife, MailState};
use crate::mail::{Mail, SenderEmail, Source};
use crate::memory::{MemoryHome, Received, Reply};
use crate::ports::{Clock, ConfigStore, Home, Ledger, Write};
use core::cell::{Cell, RefCell};
use core::time::Duration;
use futures_executor::block_on;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const LINK: &str = "https://www.dropbox.com/scl/fo/a/b";
pub(super) const JOB: &str = "Média Solution - Missions Recadrage - Lot 42";
pub(super) const JOB_BODY: &str = "à faire pour 11h51 https://www.dropbox.com/scl/fo/a/b";
pub(super) const DESABO: &str = "journée tarifs habituels désabonner";

/// The default target.
pub(super) const DEFAULT: &str = "https://hooks.receiver.tld/default";

/// A mail with that subject and body, told from others by its subject.
pub(super) fn mail(subject: &str, body: &str) -> Mail {
    let sender = "Technique <technique@client.example>";
    Mail {
        subject: subject.to_owned(),
        sender: sender.to_owned(),
        sender_email: SenderEmail::from_raw(sender),
        date: "2026-04-10T09:54:38.000Z".to_owned(),
        body: body.to_owned(),
        message_id: Some(format!("id of {subject}")),
        thread_id: None,
    }
}

/// 2026-04-10 (a Friday) at that time in Paris, when it is two hours ahead of UTC.
pub(super) fn paris(hour: i64, minute: i64) -> Timestamp {
    Timestamp::from_millis(1_775_779_200_000 + ((hour - 2) * 60 + minute) * 60_000)
}

pub(super) struct World {
    pub(super) home: MemoryHome,
    /// What the client has in its mailbox, and whether it was told 200.
    mailbox: RefCell<Vec<(Mail, bool)>>,
    round: RefCell<Option<Round>>,
    last_fence: Cell<i64>,
}

impl World {
    /// A receiver behind the default target that takes everything.
    pub(super) fn new() -> Self {
        Self::with(&[("WEBHOOK_URL", DEFAULT), ("WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")])
    }

    pub(super) fn with(settings: &[(&str, &str)]) -> Self {
        let builder =
            settings.iter().fold(MemoryHome::builder(), |builder, (name, value)| builder.setting(name, value));
        let home = builder.build().unwrap();
        home.fetch().script(DEFAULT, [Reply::status(200, "ok")]);
        Self { home, mailbox: RefCell::default(), round: RefCell::default(), last_fence: Cell::default() }
    }

    pub(super) fn at(self, now: Timestamp) -> Self {
        self.home.clock().set(now);
        self
    }

    pub(super) fn now(&self) -> Timestamp {
        self.home.clock().now()
    }

    /// Writes a document, whatever is there.
    pub(super) fn configure(&self, key: DocumentKey, value: Value) {
        let write = Write { key, value, expected: None, author: "test".to_owned() };
        block_on(self.home.config().write(write)).unwrap();
    }

    pub(super) fn webhook(&self, value: Value) {
        self.configure(DocumentKey::WebhookConfig, value);
    }

    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        block_on(current(&self.home.sibling())).unwrap()
    }

    /// The client pushes a mail, and keeps it until it is told 200.
    pub(super) fn push(&self, mail: Mail) -> Result<Ingested, IngestError> {
        let answer = block_on(self.push_on(&self.home, mail.clone()));
        self.keep(mail, answer.as_ref().is_ok_and(is_200));
        answer
    }

    pub(super) async fn push_on(&self, home: &MemoryHome, mail: Mail) -> Result<Ingested, IngestError> {
        ingest(home, mail, Source::GmailPush).await.map(|(_, ingested)| ingested)
    }

    pub(super) fn keep(&self, mail: Mail, acknowledged: bool) {
        self.mailbox.borrow_mut().push((mail, acknowledged));
    }

    /// The mails that the client was told 200 about.
    pub(super) fn acknowledged(&self) -> Vec<String> {
        let mailbox = self.mailbox.borrow();
        mailbox.iter().filter(|(_, acknowledged)| *acknowledged).map(|(mail, _)| mail.subject.clone()).collect()
    }

    pub(super) fn mailbox(&self) -> Vec<String> {
        self.mailbox.borrow().iter().map(|(mail, _)| mail.subject.clone()).collect()
    }

    /// The client pushes again what it was not told 200 about.
    fn push_again(&self, home: &MemoryHome) {
        for (mail, acknowledged) in self.mailbox.borrow_mut().iter_mut().filter(|(_, acknowledged)| !*acknowledged) {
            let answer = block_on(self.push_on(home, mail.clone()));
            *acknowledged = answer.as_ref().is_ok_and(is_200);
        }
    }

    /// Leases due work. No work is ever given out while somebody holds it, and fencing numbers only grow.
    pub(super) async fn lease_on(&self, home: &MemoryHome, request: LeaseRequest) -> Vec<Lease> {
        let held = home.ledger().leases();
        let Ok(batch) = home.ledger().lease_due(request).await else { return Vec::new() };
        for lease in &batch.leases {
            assert!(!held.iter().any(|token| token.work == lease.token.work), "two live leases for one item");
            assert!(lease.token.fence > self.last_fence.replace(lease.token.fence), "a fence that does not grow");
        }
        batch.leases
    }

    pub(super) fn lease(&self, max: u32) -> Vec<Lease> {
        block_on(self.lease_on(&self.home, lease_request(&self.snapshot(), max)))
    }

    /// One worker takes one batch of work and runs it to its end.
    pub(super) async fn work_once(&self, home: &MemoryHome) -> usize {
        let Ok(snapshot) = current(home).await else { return 0 };
        let leases = self.lease_on(home, lease_request(&snapshot, 8)).await;
        let count = leases.len();
        for lease in leases {
            run(home, lease).await;
        }
        count
    }

    /// Workers run until nothing is due.
    pub(super) fn work(&self) {
        self.work_as(&self.home);
    }

    fn work_as(&self, home: &MemoryHome) {
        for _ in 0..1_000 {
            if block_on(self.work_once(home)) == 0 {
                return;
            }
        }
        panic!("work does not end");
    }

    /// One regular round.
    pub(super) fn sweep(&self) {
        block_on(self.sweep_on(&self.home));
    }

    pub(super) async fn sweep_on(&self, home: &MemoryHome) {
        let seen = self.round.borrow_mut().take();
        let seen = sweep(home, seen).await;
        *self.round.borrow_mut() = seen;
    }

    /// The world goes on, without faults and with other processes: the client comes back, rounds are made, workers work,
    /// and time passes from one due time to the next, until nothing is left to do.
    pub(super) fn go_on(&self) {
        self.home.faults().clear();
        let home = self.home.sibling();
        let mut idle = 0;
        for _ in 0..300 {
            self.push_again(&home);
            block_on(self.sweep_on(&home));
            self.work_as(&home);
            idle = if self.next_due().is_some() { 0 } else { idle + 1 };
            match self.next_due() {
                // A few more rounds: what was held under an older configuration is found by the last of them.
                None if idle > 3 => return,
                None => self.advance(60),
                Some(due) => self.home.clock().set(due.max(self.now().plus(Duration::from_millis(1)))),
            }
        }
        panic!("the world does not come to rest: {:?}", self.lives());
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let none = LeaseRequest { max: 0, per_target: u32::MAX, hourly: None };
        block_on(self.home.ledger().lease_due(none)).unwrap().next_due
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.home.clock().advance(Duration::from_secs(seconds));
    }

    /// Every mail on record, newest first.
    pub(super) fn lives(&self) -> Vec<MailLife> {
        let ledger = self.home.ledger();
        let filter = MailFilter { limit: 500, ..MailFilter::default() };
        let page = block_on(ledger.list(&filter)).unwrap();
        page.mails.iter().map(|mail| block_on(ledger.life(&mail.id)).unwrap().unwrap()).collect()
    }

    /// The one mail on record.
    pub(super) fn life(&self) -> MailLife {
        let mut lives = self.lives();
        assert_eq!(lives.len(), 1);
        lives.remove(0)
    }

    /// The state and the reason of the one mail on record.
    pub(super) fn state(&self) -> (MailState, Option<String>) {
        let mail = self.life().mail;
        (mail.state, mail.reason)
    }

    /// The one delivery on record.
    pub(super) fn delivery(&self) -> DeliveryView {
        let mut deliveries = self.life().deliveries;
        assert_eq!(deliveries.len(), 1);
        deliveries.remove(0)
    }

    pub(super) fn home_lines(&self, stage: &str, code: &str) -> Vec<crate::ports::Line> {
        self.home.journal().find(stage, code)
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.home.fetch().received()
    }

    /// What the receivers got, as JSON.
    pub(super) fn payloads(&self) -> Vec<Value> {
        self.received().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
    }

    /// What must hold whatever went wrong.
    pub(super) fn assert_promises(&self, context: &str) {
        let lives = self.lives();
        for subject in self.mailbox() {
            let rows = lives.iter().filter(|life| life.mail.subject == subject).count();
            let acknowledged = self.acknowledged().contains(&subject);
            assert_eq!(rows, usize::from(acknowledged), "{context}: rows of {subject}, told 200: {acknowledged}");
        }
        let mut bodies: BTreeMap<String, &Received> = BTreeMap::new();
        let received = self.received();
        for request in &received {
            let id = request.header("webhook-id").unwrap().to_owned();
            let first = bodies.entry(id).or_insert(request);
            assert_eq!((&first.url, &first.body), (&request.url, &request.body), "{context}: a delivery changed");
        }
        for delivery in lives.iter().flat_map(|life| &life.deliveries) {
            let taken = received.iter().any(|request| {
                request.header("webhook-id") == Some(delivery.id.as_str())
                    && request.status.is_some_and(|s| s / 100 == 2)
            });
            let delivered = delivery.state == crate::ledger::DeliveryState::Delivered;
            assert_eq!(taken, delivered, "{context}: {delivery:?}");
        }
        for life in &lives {
            let said = life.mail.state == MailState::Delivering || life.mail.reason.is_some();
            assert!(said && life.mail.state != MailState::Queued, "{context}: no reason: {life:?}");
        }
        let known: Vec<_> = lives.iter().flat_map(|life| &life.deliveries).map(|it| it.id.as_str()).collect();
        assert!(bodies.keys().all(|id| known.contains(&id.as_str())), "{context}: an unknown webhook-id was sent");
        assert!(self.home.ledger().leases().is_empty(), "{context}: a lease is left");
    }
}

pub(super) fn is_200(ingested: &Ingested) -> bool {
    !matches!(ingested, Ingested::Refused(_))
}

/// A rule that matches a word in the subject and sends there.
pub(super) fn rule(id: &str, word: &str, actions: impl Into<Value>) -> Value {
    json!({
        "id": id, "name": format!("rule {id}"),
        "conditions": [{"field": "subject", "operator": "contains", "value": word, "case_sensitive": false}],
        "actions": actions.into(),
    })
}

pub(super) fn to(url: &str) -> Value {
    json!({"webhook_url": url, "priority": "normal", "stop_processing": false})
}

pub(super) fn rules(rules: &[Value]) -> Value {
    json!({"rules": rules})
}
