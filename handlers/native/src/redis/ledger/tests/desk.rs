//! The few steps that bring a mail of a test to where it begins.

use super::home::Home;
use render_signal::calendar::Timestamp;
use render_signal::contract::Subject;
use render_signal::delivery::DeliveryId;
use render_signal::delivery::payload::Facts;
use render_signal::ledger::{
    Admission, Admitted, Attempt, Dedup, HoldReason, LeaseRequest, LeaseToken, LedgerError, NewDelivery, NewMail, Next,
    Plan, Planned, Report, SkipReason, Verdict,
};
use render_signal::mail::{BodyDigest, EmailId, Mail, MailId, SenderEmail, Source};
use render_signal::ports::Ledger;
use render_signal::rules::Priority;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A request without a limit.
pub(super) const ALL: LeaseRequest = LeaseRequest { max: 1_000, per_target: 1_000, hourly: None };

/// Sits at a ledger that is a test's own.
pub(super) struct Desk<'a> {
    pub(super) home: &'a Home,
    now: AtomicU64,
    mails: AtomicU64,
}

impl<'a> Desk<'a> {
    pub(super) fn at(home: &'a Home) -> Self {
        let start = u64::try_from(super::home::START).unwrap();
        Self { home, now: AtomicU64::new(start), mails: AtomicU64::new(0) }
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(i64::try_from(self.now.load(Ordering::SeqCst)).unwrap())
    }

    pub(super) async fn wait(&self, time: Duration) {
        self.now.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
        self.home.set_time(self.now()).await;
    }

    /// A mail that resembles no other.
    pub(super) fn mail(&self, subject: &str, body: &str) -> NewMail {
        let n = self.mails.fetch_add(1, Ordering::SeqCst);
        let mail = Mail {
            subject: subject.to_owned(),
            sender: "Alice Martin <alice@client.example>".to_owned(),
            sender_email: SenderEmail::from_raw("alice@client.example"),
            date: "2026-04-10T09:54:38.000Z".to_owned(),
            body: body.to_owned(),
            message_id: Some(format!("message-{n}")),
            thread_id: Some(format!("thread-{n}")),
        };
        NewMail {
            id: MailId::new(self.now(), u128::from(n)),
            email_id: EmailId::of(&format!("{subject} {n}"), &mail.sender_email, &mail.date),
            digest: BodyDigest::of(body),
            mail,
            source: Source::GmailPush,
            accepted_at: self.now(),
        }
    }

    pub(super) async fn try_admit(&self, mail: NewMail, verdict: Verdict) -> Result<Admitted, LedgerError> {
        self.home.ledger.admit(mail, Admission { verdict, dedup: Dedup::On, config_version: 0 }).await
    }

    /// Takes a mail, to be processed.
    pub(super) async fn take(&self, body: &str) -> MailId {
        let mail = self.mail("Planning", body);
        let id = mail.id.clone();
        let admitted = self.try_admit(mail, Verdict::Accept { group: None }).await.unwrap();
        assert_eq!(admitted, Admitted::Queued(id.clone()));
        id
    }

    /// Takes a mail that ends at once.
    pub(super) async fn skip(&self, subject: &str, body: &str) -> MailId {
        let mail = self.mail(subject, body);
        let id = mail.id.clone();
        self.try_admit(mail, Verdict::Skip(SkipReason::NoLinks)).await.unwrap();
        id
    }

    /// Takes a mail and leases its deliveries; nothing else may be due.
    pub(super) async fn sending(&self, body: &str, targets: &[&str]) -> (MailId, Vec<LeaseToken>) {
        let mail = self.take(body).await;
        let lease = self.home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
        assert_eq!(lease.mail.id, mail);
        let deliveries = targets.iter().map(|target| delivery(&mail, target)).collect();
        let plan = Plan::Deliver { deliveries, detector: Some("recadrage".to_owned()) };
        let Planned::Recorded(jobs) = self.home.ledger.plan(&lease.token, plan, ALL).await.unwrap() else {
            panic!("the lease is good");
        };
        (mail, jobs.into_iter().map(|(token, _)| token).collect())
    }

    /// Records a try of a delivery.
    pub(super) async fn record(&self, token: &LeaseToken, next: Next) {
        let attempt = Attempt {
            started_at: self.now(),
            duration_ms: 120,
            code: "status_400".to_owned(),
            status: Some(400),
            modes: vec!["json".to_owned()],
            payload_bytes: 10,
            payload_digest: "0".repeat(64),
            snippet: None,
            failure_reason: Some("http_error".to_owned()),
        };
        self.home.ledger.record(token, Report { attempt: Some(attempt), next }).await.unwrap();
    }

    /// Takes a mail and brings its one delivery to an end or a pause.
    pub(super) async fn sent(&self, body: &str, next: Next) -> MailId {
        let (mail, tokens) = self.sending(body, &["a"]).await;
        self.record(&tokens[0], next).await;
        mail
    }

    /// Takes a mail and holds it whole.
    pub(super) async fn held(&self, body: &str, reason: HoldReason) -> MailId {
        let mail = self.take(body).await;
        let lease = self.home.ledger.lease_due(ALL).await.unwrap().leases.remove(0);
        self.home.ledger.plan(&lease.token, Plan::Hold { reason, until: None, detector: None }, ALL).await.unwrap();
        mail
    }
}

pub(super) fn delivery(mail: &MailId, target: &str) -> NewDelivery {
    NewDelivery {
        id: DeliveryId::derive(mail, target, 0),
        target: target.to_owned(),
        url: format!("https://hooks.example/{target}"),
        priority: Priority::Normal,
        facts: Facts::default(),
    }
}

/// So many days.
pub(super) const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}
