use super::super::Call;
use super::*;
use crate::calendar::Timestamp;
use crate::config::DocumentKey;
use crate::delivery::DeliveryId;
use crate::delivery::payload::{DeliveryLink, Facts, RuleRef};
use crate::ledger::*;
use crate::mail::{BodyDigest, EmailId, Mail, MailId, SenderEmail, Source};
use crate::ports::{ConfigError, StoredDocument, Write};
use crate::rules::Priority;
use core::fmt::Debug;
use core::time::Duration;
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What the samples are filled with.
#[derive(Debug, Clone)]
struct Filling {
    text: String,
    number: i64,
    flag: bool,
}

impl Filling {
    fn text(&self) -> String {
        self.text.clone()
    }

    fn maybe<T>(&self, value: T) -> Option<T> {
        self.flag.then_some(value)
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.number)
    }

    fn count(&self) -> u64 {
        self.number.unsigned_abs()
    }

    fn small(&self) -> u32 {
        self.number.unsigned_abs().try_into().unwrap_or(u32::MAX)
    }

    fn mail_id(&self) -> MailId {
        MailId::new(self.at(), u128::from(self.count()))
    }

    fn delivery_id(&self) -> DeliveryId {
        DeliveryId::derive(&self.mail_id(), &self.text, self.small())
    }

    fn email_id(&self) -> EmailId {
        EmailId::of(&self.text, &SenderEmail::from_raw(&self.text), "")
    }

    fn mail(&self) -> Mail {
        Mail {
            subject: self.text(),
            sender: self.text(),
            sender_email: SenderEmail::from_raw(&self.text),
            date: self.text(),
            body: self.text.repeat(3),
            message_id: self.maybe(self.text()),
            thread_id: None,
        }
    }

    fn facts(&self) -> Facts {
        let link = DeliveryLink { provider: self.text(), raw_url: self.text(), ..DeliveryLink::default() };
        Facts {
            detector: self.maybe(self.text()),
            delivery_time: None,
            delivery_links: vec![link; usize::from(self.flag)],
            routing_rule: self.maybe(RuleRef { id: self.text(), name: self.text(), priority: "high".to_owned() }),
            captures: [(self.text(), self.text())].into(),
            truncated: self.flag,
            follow_up_of: self.maybe(self.text()),
            ..Facts::default()
        }
    }

    fn document(&self) -> Value {
        let number = json!({"whole": self.number, "large": u64::MAX, "smallest": i64::MIN, "exact": 0.1});
        json!({"text": self.text, "list": [null, self.flag, {"": []}], &self.text: number})
    }

    fn token(&self) -> LeaseToken {
        LeaseToken { work: self.number, fence: i64::MAX }
    }

    fn request(&self) -> LeaseRequest {
        let hourly = self.maybe(HourlyLimit(self.small()));
        LeaseRequest { max: self.small(), per_target: u32::MAX, hourly }
    }

    fn attempt(&self) -> Attempt {
        Attempt {
            started_at: self.at(),
            duration_ms: self.count(),
            code: self.text(),
            status: self.maybe(599),
            modes: vec![self.text(); 2],
            payload_bytes: u64::MAX,
            payload_digest: self.text(),
            snippet: self.maybe(self.text()),
            failure_reason: None,
        }
    }

    fn job(&self) -> DeliveryJob {
        DeliveryJob {
            id: self.delivery_id(),
            target: self.text(),
            url: self.text(),
            facts: self.facts(),
            priority: Priority::Low,
            failures: self.small(),
            released: self.maybe(Pass::SendNow),
        }
    }

    fn leases(&self) -> Vec<Lease> {
        let mail = StoredMail {
            id: self.mail_id(),
            email_id: self.email_id(),
            mail: self.mail(),
            source: Source::GmailPush,
            accepted_at: self.at(),
            released: self.maybe(Pass::Due),
        };
        let lease = |work| Lease { token: self.token(), until: self.at(), mail: mail.clone(), work };
        vec![lease(Work::Process), lease(Work::Deliver(Box::new(self.job())))]
    }

    fn life(&self) -> MailLife {
        let state = DeliveryState::Retrying;
        MailLife {
            mail: self.summary(),
            message_id: self.maybe(self.text()),
            deliveries: vec![DeliveryView {
                id: self.delivery_id(),
                target: self.text(),
                url: self.text(),
                state,
                reason: self.maybe(self.text()),
                due_at: self.maybe(self.at()),
                ended_at: None,
                attempts: vec![AttemptView { attempt: self.attempt(), stale: self.flag }],
            }],
            events: vec![EventView {
                seq: self.number,
                at: self.at(),
                kind: self.text(),
                code: self.text(),
                delivery: self.maybe(self.delivery_id()),
            }],
        }
    }

    fn summary(&self) -> MailSummary {
        MailSummary {
            id: self.mail_id(),
            email_id: self.text(),
            accepted_at: self.at(),
            sender: self.text(),
            subject: self.text(),
            body_bytes: self.count(),
            state: MailState::Held,
            reason: self.maybe(self.text()),
            detector: None,
            hold_until: self.maybe(self.at()),
            ended_at: None,
        }
    }

    fn stored(&self) -> StoredDocument {
        let (key, value) = (DocumentKey::Detectors, self.document());
        StoredDocument { key, version: self.count(), value, at: self.at(), author: self.text() }
    }

    fn calls(&self) -> Vec<Call> {
        let new = NewMail {
            id: self.mail_id(),
            email_id: self.email_id(),
            digest: BodyDigest::of(&self.text),
            mail: self.mail(),
            source: Source::GmailPush,
            accepted_at: self.at(),
        };
        let group = GroupClaim { key: self.text(), expires_at: self.at() };
        let verdicts = [
            Verdict::Accept { group: self.maybe(group) },
            Verdict::Skip(SkipReason::NoLinks),
            Verdict::Refuse(RefusalReason::SendingDisabled),
        ];
        let admission = |verdict| Admission { verdict, dedup: Dedup::Off, config_version: self.count() };
        let delivery = NewDelivery {
            id: self.delivery_id(),
            target: self.text(),
            url: self.text(),
            priority: Priority::High,
            facts: self.facts(),
        };
        let detector = self.maybe(self.text());
        let plans = [
            Plan::Skip { reason: SkipReason::SubjectGroup, detector: detector.clone() },
            Plan::Hold { reason: HoldReason::ByRule, until: self.maybe(self.at()), detector: detector.clone() },
            Plan::Deliver { deliveries: vec![delivery; 2], detector },
        ];
        let nexts = [
            Next::Delivered,
            Next::Retry(self.at()),
            Next::Failed,
            Next::Hold { reason: HoldReason::NoTarget, until: self.maybe(self.at()) },
            Next::TargetGone,
        ];
        let selections = [
            Selection::Mail(self.mail_id()),
            Selection::Reason(HoldReason::RateLimited, self.at()),
            Selection::Target(self.text()),
        ];
        let filter = MailFilter {
            state: self.maybe(MailState::Failed),
            text: self.maybe(self.text()),
            before: self.maybe(self.mail_id()),
            limit: self.small(),
        };
        let write = Write {
            key: DocumentKey::RoutingRules,
            value: self.document(),
            expected: self.maybe(self.count()),
            author: self.text(),
        };
        let report = |next| Report { attempt: self.maybe(self.attempt()), next };
        let retention = Retention { bodies: Duration::from_millis(self.count()), records: Duration::MAX };
        let mut calls = vec![
            Call::LeaseDue(self.request()),
            Call::Renew(self.token()),
            Call::Replay(self.mail_id()),
            Call::Dismiss(self.mail_id()),
            Call::Sweep(retention),
            Call::Life(self.mail_id()),
            Call::LifeOfDelivery(self.delivery_id()),
            Call::List(filter),
            Call::Stats,
            Call::LoadDocuments,
            Call::WriteDocument(write),
            Call::KnowConfig(self.count()),
        ];
        calls.extend(verdicts.map(|verdict| Call::Admit(Box::new(new.clone()), admission(verdict))));
        calls.extend(plans.map(|plan| Call::Plan(self.token(), plan, self.request())));
        calls.extend(nexts.map(|next| Call::Record(self.token(), report(next))));
        calls.extend(selections.map(|which| Call::Release(Release { which, pass: Pass::SendNow })));
        calls
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an answer as the ledger gives it")]
fn ok<T>(answer: T) -> Result<T, LedgerError> {
    Ok(answer)
}

/// Something done with every kind of answer.
trait Visitor {
    fn see<T: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, answer: &T);
}

fn answers(filling: &Filling, visitor: &mut impl Visitor) {
    let reason = RefusalReason::IngressDisabled;
    visitor.see(&[
        ok(Admitted::Queued(filling.mail_id())),
        ok(Admitted::Skipped(filling.mail_id(), SkipReason::OutsideWindow)),
        ok(Admitted::Known { mail: filling.mail_id(), ended: filling.flag }),
        ok(Admitted::Refused(reason)),
        ok(Admitted::StaleConfig { current: filling.count() }),
        Err(LedgerError::Unavailable(filling.text())),
        Err(LedgerError::Full),
        Err(LedgerError::Corrupt(filling.text())),
    ]);
    let next_due = filling.maybe(filling.at());
    visitor.see(&ok(Batch {
        leases: filling.leases(),
        next_due,
        capped: filling.flag,
        config_version: filling.count(),
    }));
    visitor.see(&ok(filling.flag));
    visitor.see(&[ok(Planned::Recorded(vec![(filling.token(), filling.job())])), ok(Planned::Stale)]);
    visitor.see(&[ok(Recorded::Applied), ok(Recorded::Stale)]);
    visitor.see(&ok(filling.count()));
    let count = filling.count();
    visitor.see(&ok(Swept { bodies: count, records: u64::MAX, claims: 0, more: filling.flag }));
    visitor.see(&[ok(Some(filling.life())), ok(None)]);
    visitor.see(&ok(MailPage {
        mails: vec![filling.summary()],
        next: filling.maybe(filling.mail_id()),
        searched: filling.maybe(filling.small()),
    }));
    visitor.see(&ok(Stats {
        mails: vec![(MailState::Queued, filling.count())],
        in_flight: u64::MAX,
        oldest_due: filling.maybe(filling.at()),
        disabled_targets: vec![(filling.text(), filling.text())],
    }));
    visitor.see(&[
        Ok((filling.count(), vec![filling.stored(); 2])),
        Err(ConfigError::Conflict { current: filling.count() }),
        Err(ConfigError::Unavailable(filling.text())),
    ]);
}

struct RoundTrip;

impl Visitor for RoundTrip {
    fn see<T: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, answer: &T) {
        let read = decode::<T>(&encode(answer).unwrap());
        assert_eq!(read.as_ref(), Ok(answer));
    }
}

/// Every answer read from bytes that are not its own: an error or something else, never a panic.
struct Hostile(Vec<u8>);

impl Visitor for Hostile {
    fn see<T: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, answer: &T) {
        let _ = decode::<T>(&self.0);
        let bytes = encode(answer).unwrap();
        for cut in 0..bytes.len().min(200) {
            assert!(decode::<T>(&bytes[..cut]).is_err());
        }
        assert!(decode::<T>(&[bytes, vec![0]].concat()).is_err());
    }
}

struct Written(Sha256);

impl Visitor for Written {
    fn see<T: Serialize + DeserializeOwned + PartialEq + Debug>(&mut self, answer: &T) {
        self.0.update(encode(answer).unwrap());
    }
}

fn filling() -> impl Strategy<Value = Filling> {
    (any::<String>(), any::<i64>(), any::<bool>()).prop_map(|(text, number, flag)| Filling { text, number, flag })
}

proptest! {
    #[test]
    fn every_call_and_answer_reads_back(filling in filling()) {
        for call in filling.calls() {
            let read = Call::read(&encode(&call).unwrap());
            prop_assert_eq!(read, Ok(call));
        }
        answers(&filling, &mut RoundTrip);
    }

    #[test]
    fn hostile_bytes_are_an_error_or_a_call_never_a_panic(
        filling in filling(),
        bytes in proptest::collection::vec(any::<u8>(), 0..64),
        flips in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let bytes = [vec![FORM], bytes].concat();
        let _ = Call::read(&bytes);
        for call in filling.calls() {
            let mut own = encode(&call).unwrap();
            for (at, byte) in &flips {
                let at = at.index(own.len());
                own[at] = *byte;
            }
            let _ = Call::read(&own);
        }
        answers(&filling, &mut Hostile(bytes));
    }
}

#[test]
fn a_length_that_is_a_lie_takes_no_memory() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    // An answer with a list of so many mails, and one with an error text so long.
    for start in [&[FORM, 0][..], &[FORM, 1, 0]] {
        let bytes = [start, &huge].concat();
        assert!(matches!(decode::<Result<MailPage, LedgerError>>(&bytes), Err(WireError::Unreadable(_))));
    }
}

#[test]
fn another_form_is_named_and_not_read() {
    let mut bytes = encode(&Call::Stats).unwrap();
    bytes[0] = FORM + 1;
    assert_eq!(Call::read(&bytes), Err(WireError::OtherForm(Some(FORM + 1))));
    assert_eq!(Call::read(b""), Err(WireError::OtherForm(None)));
    assert_eq!(Call::read(br#""Stats""#), Err(WireError::OtherForm(Some(b'"'))));
}

/// What one version writes another must not misread: change [`FORM`] with the shape of any call or answer, then this digest.
#[test]
fn the_form_has_its_own_number() {
    let mut written = Written(Sha256::new());
    for flag in [false, true] {
        let filling = Filling { text: "é".to_owned(), number: 1_774_745_999_123, flag };
        for call in filling.calls() {
            written.0.update(encode(&call).unwrap());
        }
        answers(&filling, &mut written);
    }
    let digest = crate::mail::hex(&written.0.finalize());
    assert_eq!((FORM, digest.get(..16).unwrap()), (2, "c9d0a2a4a609a6a3"), "another form is another number");
}

#[test]
fn a_body_is_not_escaped() {
    let body = "\"\\\n\u{1}é".repeat(10_000);
    let filling = Filling { text: body.clone(), number: 0, flag: false };
    let bytes = encode(&filling.mail().body).unwrap();
    assert_eq!(bytes.len(), body.len() * 3 + 4);
}
