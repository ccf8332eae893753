//! What the cases have in common: mails to admit, and the few steps that bring one to where a case begins.

use super::Subject;
use crate::calendar::Timestamp;
use crate::delivery::DeliveryId;
use crate::delivery::payload::Facts;
use crate::ledger::{
    Admission, Admitted, Attempt, Batch, Dedup, DeliveryJob, HoldReason, Lease, LeaseRequest, LeaseToken, MailFilter,
    MailLife, MailState, MailSummary, NewDelivery, NewMail, Next, Pass, Plan, Planned, Recorded, Release, Report,
    Selection, Verdict, Work,
};
use crate::mail::{BodyDigest, EmailId, Mail, MailId, SenderEmail, Source};
use crate::ports::{ConfigStore, Ledger};
use crate::rules::Priority;
use core::cell::Cell;
use core::time::Duration;

/// When every case begins: 2026-04-10T09:54:38Z.
pub(super) const START: Timestamp = Timestamp::from_millis(1_775_814_878_000);

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_mins(1);
pub(super) const HOUR: Duration = Duration::from_hours(1);
pub(super) const MILLISECOND: Duration = Duration::from_millis(1);

/// After this time every lease has run out.
pub(super) const LEASE_ENDS: Duration = crate::ledger::LEASE_TIME;

/// So many days.
pub(super) const fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

/// A request without any limit that a case would meet by chance.
pub(super) const ALL: LeaseRequest = LeaseRequest { max: 1_000, per_target: 1_000, hourly: None };

/// A request that leaves new deliveries on the schedule.
pub(super) const NONE: LeaseRequest = LeaseRequest { max: 0, per_target: 0, hourly: None };

/// A store under test, at a time of the case's choosing.
pub(super) struct Bench<'a, S: Subject> {
    subject: &'a S,
    now: Cell<Timestamp>,
    config_version: u64,
    mails: Cell<u128>,
}

impl<'a, S: Subject> Bench<'a, S> {
    pub(super) async fn start(subject: &'a S) -> Self {
        subject.set_time(START).await;
        let config_version = subject.config().load().await.expect("an empty store loads").version;
        Self { subject, now: Cell::new(START), config_version, mails: Cell::new(0) }
    }

    pub(super) fn ledger(&self) -> &S::Ledger {
        self.subject.ledger()
    }

    pub(super) fn config(&self) -> &S::Config {
        self.subject.config()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now.get()
    }

    pub(super) fn config_version(&self) -> u64 {
        self.config_version
    }

    pub(super) async fn set_time(&self, now: Timestamp) {
        self.now.set(now);
        self.subject.set_time(now).await;
    }

    pub(super) async fn wait(&self, time: Duration) {
        self.set_time(self.now().plus(time)).await;
    }

    /// Waits until a millisecond before `time` has passed.
    pub(super) async fn wait_almost(&self, time: Duration) {
        self.set_time(self.now().plus(time).minus(MILLISECOND)).await;
    }

    /// The mail that Gmail knows as `message_id` and that says `body`, under a new id.
    pub(super) fn mail(&self, message_id: Option<&str>, body: &str) -> NewMail {
        self.new_mail(Mail {
            subject: "Planning de la semaine".to_owned(),
            sender: "Alice Martin <alice@client.example>".to_owned(),
            sender_email: SenderEmail::from_raw("Alice Martin <alice@client.example>"),
            date: "2026-04-10T09:54:38.000Z".to_owned(),
            body: body.to_owned(),
            message_id: message_id.map(ToOwned::to_owned),
            thread_id: None,
        })
    }

    /// `mail` as it asks to be taken now.
    pub(super) fn new_mail(&self, mail: Mail) -> NewMail {
        self.mails.set(self.mails.get() + 1);
        NewMail {
            id: MailId::new(self.now(), self.mails.get()),
            email_id: EmailId::of(&mail.subject, &mail.sender_email, &mail.date),
            digest: BodyDigest::of(&mail.body),
            mail,
            source: Source::GmailPush,
            accepted_at: self.now(),
        }
    }

    /// An admission under the configuration the case began with.
    pub(super) fn admission(&self, verdict: Verdict) -> Admission {
        Admission { verdict, dedup: Dedup::On, config_version: self.config_version }
    }

    pub(super) async fn admit_as(&self, mail: NewMail, verdict: Verdict) -> Admitted {
        self.ledger().admit(mail, self.admission(verdict)).await.expect("admit")
    }

    pub(super) async fn admit(&self, mail: NewMail) -> Admitted {
        self.admit_as(mail, Verdict::Accept { group: None }).await
    }

    /// Admits a mail that must be new.
    pub(super) async fn take(&self, mail: NewMail) -> MailId {
        let id = mail.id.clone();
        assert_eq!(self.admit(mail).await, Admitted::Queued(id.clone()));
        id
    }

    /// A new mail that resembles no other.
    pub(super) async fn take_any(&self) -> MailId {
        let n = self.mails.get();
        self.take(self.mail(Some(&format!("any-{n}")), &format!("any {n}"))).await
    }

    pub(super) async fn lease_due(&self, request: LeaseRequest) -> Batch {
        self.ledger().lease_due(request).await.expect("lease_due")
    }

    pub(super) async fn lease(&self, request: LeaseRequest) -> Vec<Lease> {
        self.lease_due(request).await.leases
    }

    /// Leases the only due item there may be.
    pub(super) async fn lease_one(&self) -> Lease {
        let mut leases = self.lease(ALL).await;
        assert_eq!(leases.len(), 1, "one item is due");
        leases.remove(0)
    }

    /// Leases the only due item, which must be a delivery.
    pub(super) async fn lease_delivery(&self) -> (LeaseToken, DeliveryJob) {
        let lease = self.lease_one().await;
        let Work::Deliver(job) = lease.work else { panic!("a delivery is due, not a mail") };
        (lease.token, *job)
    }

    pub(super) async fn plan(&self, token: &LeaseToken, plan: Plan, request: LeaseRequest) -> Planned {
        self.ledger().plan(token, plan, request).await.expect("plan")
    }

    /// Plans, with a lease that must still be good. Returns what was leased along.
    pub(super) async fn planned(
        &self,
        token: &LeaseToken,
        plan: Plan,
        request: LeaseRequest,
    ) -> Vec<(LeaseToken, DeliveryJob)> {
        match self.plan(token, plan, request).await {
            Planned::Recorded(jobs) => jobs,
            Planned::Stale => panic!("the lease is still good"),
        }
    }

    /// Takes a mail and plans its deliveries to these targets.
    pub(super) async fn send(
        &self,
        targets: &[(&str, Priority)],
        request: LeaseRequest,
    ) -> (MailId, Vec<(LeaseToken, DeliveryJob)>) {
        let mail = self.take_any().await;
        let lease = self.lease_of(&mail).await;
        let jobs = self.planned(&lease.token, deliver(&mail, targets), request).await;
        (mail, jobs)
    }

    /// Takes a mail and leases its one delivery to a target.
    pub(super) async fn sending(&self, target: &str) -> (MailId, LeaseToken, DeliveryJob) {
        let (mail, mut jobs) = self.send(&[(target, Priority::Normal)], ALL).await;
        assert_eq!(jobs.len(), 1, "the delivery is leased with the plan");
        let (token, job) = jobs.remove(0);
        (mail, token, job)
    }

    /// Takes a mail and brings its one delivery to an end or a pause.
    pub(super) async fn sent(&self, target: &str, next: Next) -> MailId {
        let (mail, token, _) = self.sending(target).await;
        self.applied(&token, self.tried(next)).await;
        mail
    }

    /// Leases the processing of a mail; nothing else may be free.
    async fn lease_of(&self, mail: &MailId) -> Lease {
        let request = LeaseRequest { per_target: 0, ..ALL };
        let mut leases = self.lease(request).await;
        assert_eq!(
            leases.iter().map(|lease| &lease.mail.id).collect::<Vec<_>>(),
            [mail],
            "the mail is to be processed"
        );
        leases.remove(0)
    }

    /// Takes a mail and holds it whole.
    pub(super) async fn held(&self, reason: HoldReason, until: Option<Timestamp>) -> MailId {
        let mail = self.take_any().await;
        let lease = self.lease_of(&mail).await;
        self.planned(&lease.token, Plan::Hold { reason, until, detector: None }, ALL).await;
        mail
    }

    /// A report of a try that began now.
    pub(super) fn tried(&self, next: Next) -> Report {
        let (code, status) = match &next {
            Next::Delivered => ("delivered", 200),
            Next::Retry(_) => ("status_503", 503),
            Next::TargetGone => ("target_gone", 410),
            Next::Failed | Next::Hold { .. } => ("status_400", 400),
        };
        Report { attempt: Some(attempt(self.now(), code, status)), next }
    }

    pub(super) async fn record(&self, token: &LeaseToken, report: Report) -> Recorded {
        self.ledger().record(token, report).await.expect("record")
    }

    /// Records, with a lease that must still be good.
    pub(super) async fn applied(&self, token: &LeaseToken, report: Report) {
        assert_eq!(self.record(token, report).await, Recorded::Applied);
    }

    pub(super) async fn release(&self, which: Selection, pass: Pass) -> u64 {
        self.ledger().release(Release { which, pass }).await.expect("release")
    }

    pub(super) async fn life(&self, mail: &MailId) -> MailLife {
        self.ledger().life(mail).await.expect("life").expect("the mail is on record")
    }

    pub(super) async fn state(&self, mail: &MailId) -> MailState {
        self.life(mail).await.mail.state
    }

    /// All mails, newest first.
    pub(super) async fn mails(&self) -> Vec<MailSummary> {
        let filter = MailFilter { limit: 500, ..MailFilter::default() };
        self.ledger().list(&filter).await.expect("list").mails
    }

    pub(super) async fn is_idle(&self) -> bool {
        self.lease(ALL).await.is_empty()
    }
}

/// The plan to send a mail to these targets.
pub(super) fn deliver(mail: &MailId, targets: &[(&str, Priority)]) -> Plan {
    let delivery = |(target, priority): &(&str, Priority)| NewDelivery {
        id: DeliveryId::derive(mail, target, 0),
        target: (*target).to_owned(),
        url: format!("https://hooks.example/{target}"),
        priority: *priority,
        facts: Facts { delivery_time: Some("11h38".to_owned()), ..Facts::default() },
    };
    Plan::Deliver { deliveries: targets.iter().map(delivery).collect(), detector: Some("recadrage".to_owned()) }
}

/// A try on record.
pub(super) fn attempt(started_at: Timestamp, code: &str, status: u16) -> Attempt {
    Attempt {
        started_at,
        duration_ms: 120,
        code: code.to_owned(),
        status: Some(status),
        modes: vec!["json".to_owned(), "form".to_owned()],
        payload_bytes: 1_234,
        payload_digest: BodyDigest::of(code).as_str().to_owned(),
        snippet: Some("réponse".to_owned()),
        failure_reason: (status != 200).then(|| "http_error".to_owned()),
    }
}
