//! Long walks through the ledger on Redis and the one in memory side by side: whatever is done, both say the same.

use super::desk::{Desk, delivery};
use super::home::{Home, Place, START};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use render_signal::calendar::Timestamp;
use render_signal::contract::Subject;
use render_signal::ledger::{
    Admission, Admitted, Attempt, Batch, Dedup, GroupClaim, HoldReason, HourlyLimit, LeaseRequest, LeaseToken,
    MailFilter, MailLife, NewDelivery, NewMail, Next, Pass, Plan, Planned, Release, Report, Retention, Selection,
    SkipReason, Verdict,
};
use render_signal::mail::{BodyDigest, EmailId, MailId};
use render_signal::memory::{Faults, MemoryClock, MemoryStore, Passing};
use render_signal::ports::Ledger;
use render_signal::rules::Priority;
use std::sync::Arc;
use std::time::Duration;

/// What is done next. Numbers choose among what there is.
#[derive(Debug, Clone)]
enum Move {
    Admit { message: Option<u8>, text: u8, verdict: u8, dedup: bool },
    Lease { max: u32, per_target: u32, hourly: Option<u32> },
    Renew(usize),
    Plan { token: usize, what: u8, targets: Vec<(u8, u8)>, max: u32, hourly: Option<u32> },
    Record { token: usize, what: u8, attempt: bool },
    Release { which: u8, mail: usize, now: bool },
    Replay(usize),
    Dismiss(usize),
    Sweep,
    Wait(u64),
}

fn moves() -> impl Strategy<Value = Move> {
    let hourly = || proptest::option::weighted(0.3, 1..6_u32);
    prop_oneof![
        5 => (proptest::option::weighted(0.6, 0..12_u8), 0..4_u8, 0..8_u8, proptest::bool::weighted(0.9))
            .prop_map(|(message, text, verdict, dedup)| Move::Admit { message, text, verdict, dedup }),
        6 => (0..7_u32, 0..4_u32, hourly()).prop_map(|(max, per_target, hourly)| Move::Lease { max, per_target, hourly }),
        1 => any::<usize>().prop_map(Move::Renew),
        5 => (any::<usize>(), 0..6_u8, proptest::collection::vec((0..3_u8, 0..3_u8), 1..4), 0..3_u32, hourly())
            .prop_map(|(token, what, targets, max, hourly)| Move::Plan { token, what, targets, max, hourly }),
        6 => (any::<usize>(), 0..8_u8, proptest::bool::weighted(0.8))
            .prop_map(|(token, what, attempt)| Move::Record { token, what, attempt }),
        2 => (0..8_u8, any::<usize>(), any::<bool>()).prop_map(|(which, mail, now)| Move::Release { which, mail, now }),
        1 => any::<usize>().prop_map(Move::Replay),
        1 => any::<usize>().prop_map(Move::Dismiss),
        1 => Just(Move::Sweep),
        6 => prop_oneof![6 => 1..40_u64, 3 => 40..4_000_u64, 1 => 4_000..3_000_000_u64].prop_map(Move::Wait),
    ]
}

/// Both ledgers, and what they were seen to hand out: the numbers they give are each their own.
struct Walk<'a> {
    redis: &'a Home,
    memory: MemoryStore,
    clock: MemoryClock,
    now: Timestamp,
    mails: Vec<MailId>,
    tokens: Vec<(LeaseToken, LeaseToken)>,
}

impl Walk<'_> {
    async fn pass(&mut self, time: Duration) {
        self.now = self.now.plus(time);
        self.clock.set(self.now);
        self.redis.set_time(self.now).await;
    }

    async fn take(&mut self, step: Move) {
        self.pass(Duration::from_millis(1)).await;
        match step {
            Move::Admit { message, text, verdict, dedup } => self.admit(message, text, verdict, dedup).await,
            Move::Lease { max, per_target, hourly } => self.lease(request(max, per_target, hourly)).await,
            Move::Renew(token) => {
                let Some((redis, memory)) = self.token(token) else { return };
                assert_eq!(self.redis.ledger.renew(&redis).await, self.memory.renew(&memory).await);
            }
            Move::Plan { token, what, targets, max, hourly } => {
                self.plan(token, what, &targets, request(max, 2, hourly)).await;
            }
            Move::Record { token, what, attempt } => self.record(token, what, attempt).await,
            Move::Release { which, mail, now } => self.release(which, mail, now).await,
            Move::Replay(mail) => {
                let Some(mail) = self.mail(mail) else { return };
                assert_eq!(self.redis.ledger.replay(&mail).await, self.memory.replay(&mail).await);
            }
            Move::Dismiss(mail) => {
                let Some(mail) = self.mail(mail) else { return };
                assert_eq!(self.redis.ledger.dismiss(&mail).await, self.memory.dismiss(&mail).await);
            }
            Move::Sweep => {
                let retention =
                    Retention { bodies: Duration::from_hours(7 * 24), records: Duration::from_hours(30 * 24) };
                assert_eq!(self.redis.ledger.sweep(&retention).await, self.memory.sweep(&retention).await);
            }
            Move::Wait(seconds) => self.pass(Duration::from_secs(seconds)).await,
        }
    }

    fn token(&self, number: usize) -> Option<(LeaseToken, LeaseToken)> {
        // The newest are asked for most often.
        let newest = self.tokens.len().min(6);
        let from = if number.is_multiple_of(4) { 0 } else { self.tokens.len() - newest };
        let choice = self.tokens.get(from..)?;
        choice.get(number.checked_rem(choice.len())?).cloned()
    }

    fn mail(&self, number: usize) -> Option<MailId> {
        self.mails.get(number.checked_rem(self.mails.len())?).cloned()
    }

    async fn admit(&mut self, message: Option<u8>, text: u8, verdict: u8, dedup: bool) {
        let desk = Desk::at(self.redis);
        let mut new: NewMail = desk.mail("Lot", &format!("text {text}"));
        new.id = MailId::new(self.now, u128::try_from(self.mails.len()).unwrap());
        new.email_id = EmailId::of(&format!("{}", text % 2), &new.mail.sender_email, &new.mail.date);
        new.digest = BodyDigest::of(&new.mail.body);
        new.mail.message_id = message.map(|message| format!("m{message}"));
        new.accepted_at = self.now;
        let group = GroupClaim { key: format!("g{}", text % 3), expires_at: self.now.plus(Duration::from_hours(5)) };
        let verdict = match verdict {
            0 => Verdict::Skip(SkipReason::SenderNotAllowed),
            1 => Verdict::Refuse(render_signal::ledger::RefusalReason::SendingDisabled),
            2 => Verdict::Accept { group: Some(group) },
            _ => Verdict::Accept { group: None },
        };
        let dedup = if dedup { Dedup::On } else { Dedup::Off };
        let admission = Admission { verdict, dedup, config_version: 0 };
        let id = new.id.clone();
        let answer = self.redis.ledger.admit(new.clone(), admission.clone()).await;
        assert_eq!(answer, self.memory.admit(new, admission).await);
        if matches!(answer, Ok(Admitted::Queued(_) | Admitted::Skipped(..))) {
            self.mails.push(id);
        }
    }

    async fn lease(&mut self, request: LeaseRequest) {
        let mut redis = self.redis.ledger.lease_due(request.clone()).await.unwrap();
        let mut memory = self.memory.lease_due(request).await.unwrap();
        for (one, other) in redis.leases.iter().zip(&memory.leases) {
            self.tokens.push((one.token.clone(), other.token.clone()));
        }
        assert_eq!(without_tokens(&mut redis), without_tokens(&mut memory));
    }

    async fn plan(&mut self, token: usize, what: u8, targets: &[(u8, u8)], request: LeaseRequest) {
        let (Some((redis, memory)), Some(mail)) = (self.token(token), self.mail(token)) else { return };
        let until = what.is_multiple_of(2).then(|| self.now.plus(Duration::from_mins(15)));
        let plan = match what {
            0 => Plan::Skip { reason: SkipReason::NoLinks, detector: Some("recadrage".to_owned()) },
            1 | 2 => Plan::Hold { reason: HoldReason::OutsideWindow, until, detector: None },
            _ => Plan::Deliver {
                deliveries: targets.iter().map(|(target, rank)| planned(&mail, *target, *rank, self.now)).collect(),
                detector: None,
            },
        };
        let redis = self.redis.ledger.plan(&redis, plan.clone(), request.clone()).await.unwrap();
        let memory = self.memory.plan(&memory, plan, request).await.unwrap();
        match (redis, memory) {
            (Planned::Recorded(redis), Planned::Recorded(memory)) => {
                let jobs = |of: &[(LeaseToken, _)]| of.iter().map(|(_, job)| format!("{job:?}")).collect::<Vec<_>>();
                assert_eq!(jobs(&redis), jobs(&memory));
                self.tokens.extend(redis.into_iter().map(|it| it.0).zip(memory.into_iter().map(|it| it.0)));
            }
            (redis, memory) => assert_eq!(redis, memory),
        }
    }

    async fn record(&mut self, token: usize, what: u8, attempt: bool) {
        let Some((redis, memory)) = self.token(token) else { return };
        let later = self.now.plus(Duration::from_secs(u64::from(what) * 301));
        let next = match what {
            0 | 1 => Next::Delivered,
            2 => Next::Failed,
            3 | 4 => Next::Retry(later),
            5 => Next::Hold { reason: HoldReason::AbsenceDay, until: Some(later) },
            6 => Next::Hold { reason: HoldReason::SendingDisabled, until: None },
            _ => Next::TargetGone,
        };
        let attempt = attempt.then(|| Attempt {
            started_at: self.now,
            duration_ms: 7,
            code: format!("code_{what}"),
            status: None,
            modes: Vec::new(),
            payload_bytes: 3,
            payload_digest: String::new(),
            snippet: None,
            failure_reason: None,
        });
        let report = Report { attempt, next };
        let answer = self.redis.ledger.record(&redis, report.clone()).await;
        assert_eq!(answer, self.memory.record(&memory, report).await);
    }

    async fn release(&mut self, which: u8, mail: usize, now: bool) {
        let Some(mail) = self.mail(mail) else { return };
        let which = match which {
            0..=2 => Selection::Mail(mail),
            3 => Selection::Reason(HoldReason::OutsideWindow, self.now),
            4 => Selection::Reason(HoldReason::SendingDisabled, self.now),
            other => Selection::Target(name(other - 5)),
        };
        let release = Release { which, pass: if now { Pass::SendNow } else { Pass::Due } };
        assert_eq!(self.redis.ledger.release(release.clone()).await, self.memory.release(release).await);
    }

    /// Everything that can be seen of both is the same.
    async fn compare(&self) {
        let filter = MailFilter { limit: 500, ..MailFilter::default() };
        let listed = self.redis.ledger.list(&filter).await.unwrap();
        assert_eq!(listed, self.memory.list(&filter).await.unwrap());
        for mail in &self.mails {
            let redis = self.redis.ledger.life(mail).await.unwrap();
            assert_eq!(redis.map(without_numbers), self.memory.life(mail).await.unwrap().map(without_numbers));
        }
        let (mut redis, mut memory) = (self.redis.ledger.stats().await.unwrap(), self.memory.stats().await.unwrap());
        for stats in [&mut redis, &mut memory] {
            stats.mails.retain(|(_, count)| *count > 0);
            stats.mails.sort_by_key(|(state, _)| state.code());
            stats.disabled_targets.sort();
        }
        assert_eq!(redis, memory);
    }
}

fn request(max: u32, per_target: u32, hourly: Option<u32>) -> LeaseRequest {
    LeaseRequest { max, per_target, hourly: hourly.map(HourlyLimit) }
}

fn name(target: u8) -> String {
    format!("target {target}")
}

/// A delivery whose id is one that the same walk may plan again.
fn planned(mail: &MailId, target: u8, rank: u8, now: Timestamp) -> NewDelivery {
    let priority = [Priority::High, Priority::Normal, Priority::Low][usize::from(rank)];
    let new = delivery(mail, &format!("{} {target}", now.as_millis()));
    NewDelivery { target: name(target), priority, ..new }
}

fn without_tokens(batch: &mut Batch) -> &Batch {
    for lease in &mut batch.leases {
        lease.token = LeaseToken { work: 0, fence: 0 };
    }
    batch
}

fn without_numbers(mut life: MailLife) -> MailLife {
    for event in &mut life.events {
        event.seq = 0;
    }
    life
}

async fn walk(place: &Place, seed: u8, steps: usize) {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let home = place.home().await;
    let now = Timestamp::from_millis(START);
    let faults = Arc::new(Faults::default());
    let clock = MemoryClock::new(now, Passing::ByHand, Arc::clone(&faults));
    let memory = MemoryStore::new(clock.clone(), faults);
    let mut walk = Walk { redis: &home, memory, clock, now, mails: Vec::new(), tokens: Vec::new() };
    let strategy = moves();
    for step in 0..steps {
        let next = strategy.new_tree(&mut runner).unwrap().current();
        println!("seed {seed}, step {step}: {next:?}");
        walk.take(next).await;
        if step % 20 == 19 {
            walk.compare().await;
        }
    }
    walk.compare().await;
}

#[tokio::test]
async fn whatever_is_done_redis_and_memory_say_the_same() {
    let place = Place::new();
    for seed in 0..12 {
        walk(&place, seed, 220).await;
    }
}
