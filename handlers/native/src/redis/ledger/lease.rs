//! Handing out due work.

use super::RedisLedger;
use super::head::{Frozen, Head};
use super::row::Row;
use super::script::{Effect, Parts, Step};
use render_signal::calendar::Timestamp;
use render_signal::delivery::DeliveryId;
use render_signal::ledger::{
    BATCH_BODY_KIB, Batch, DeliveryJob, Lease, LeaseRequest, LeaseToken, LedgerError, MOST_LEASES, Pass, StoredMail,
    Work,
};
use render_signal::mail::Mail;
use render_signal::rules::Priority;
use std::time::Duration;

static LEASE: Step = Step::new(Effect::Finishes, Parts::Deliveries, include_str!("../lua/lease.lua"));
static RENEW: Step = Step::new(Effect::Finishes, Parts::Mails, include_str!("../lua/renew.lua"));
static PUT_OFF: Step = Step::new(Effect::Finishes, Parts::Deliveries, include_str!("../lua/put_off.lua"));

/// When an item that did not read is tried again.
const UNREADABLE_PAUSE: Duration = Duration::from_hours(1);

/// See [`render_signal::ports::Ledger::lease_due`].
pub(super) async fn lease_due(ledger: &RedisLedger, request: LeaseRequest) -> Result<Batch, LedgerError> {
    let mut call = ledger.step(&LEASE);
    call.arg(request.max).arg(request.per_target).arg(hourly(&request));
    call.arg(MOST_LEASES).arg(u64::from(BATCH_BODY_KIB) << 10).arg(millis(UNREADABLE_PAUSE));
    let mut row = Row::of(ledger.run(&call).await?)?;
    if row.int(5)? == 0 {
        ledger.found_empty().await?;
    }
    let until = row.opt_at(1)?.ok_or_else(|| LedgerError::Corrupt("no end of a lease".to_owned()))?;
    let mut leases = Vec::new();
    for item in row.take_rows(0)? {
        let token = LeaseToken { work: item.int(0)?, fence: item.int(1)? };
        match lease(item, token.clone(), until) {
            Ok(lease) => leases.push(lease),
            Err(LedgerError::Corrupt(_)) => put_off(ledger, &token).await?,
            Err(error) => return Err(error),
        }
    }
    Ok(Batch { leases, next_due: row.opt_at(2)?, capped: row.int(3)? == 1, config_version: row.count(4)? })
}

/// See [`render_signal::ports::Ledger::renew`].
pub(super) async fn renew(ledger: &RedisLedger, token: &LeaseToken) -> Result<bool, LedgerError> {
    let mut call = ledger.step(&RENEW);
    call.arg(token.work).arg(token.fence);
    Ok(ledger.run(&call).await? == redis::Value::Int(1))
}

/// The hourly limit as a script takes it: empty for none.
pub(super) fn hourly(request: &LeaseRequest) -> String {
    request.hourly.map_or_else(String::new, |limit| limit.0.to_string())
}

/// How a priority is kept: what is more urgent has the lower rank.
pub(super) const fn rank(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "0",
        Priority::Normal => "1",
        Priority::Low => "2",
    }
}

/// A damaged row is put off, so that it is in nobody's way. Its lease is given back.
async fn put_off(ledger: &RedisLedger, token: &LeaseToken) -> Result<(), LedgerError> {
    let mut call = ledger.step(&PUT_OFF);
    call.arg(token.work).arg(token.fence).arg(millis(UNREADABLE_PAUSE));
    ledger.run(&call).await.map(drop)
}

fn lease(mut row: Row, token: LeaseToken, until: Timestamp) -> Result<Lease, LedgerError> {
    let work = match row.take_row(8)? {
        Some(job) => Work::Deliver(Box::new(job_of(&job)?)),
        None if row.int(2)? == 0 => Work::Process,
        None => return Err(LedgerError::Corrupt("a delivery without its job".to_owned())),
    };
    Ok(Lease { token, until, mail: stored_mail(&mut row)?, work })
}

fn stored_mail(row: &mut Row) -> Result<StoredMail, LedgerError> {
    let head: Head<'_> = row.json(3)?;
    Ok(StoredMail {
        id: head.id.into_owned(),
        email_id: head.email_id.into_owned(),
        mail: Mail {
            subject: head.subject.into_owned(),
            sender: head.sender.into_owned(),
            sender_email: head.sender_email.into_owned(),
            date: head.date.into_owned(),
            body: row.take_text(4)?,
            message_id: row.any_text(5)?,
            thread_id: row.any_text(6)?,
        },
        source: head.source,
        accepted_at: head.accepted_at,
        released: row.opt_parsed(7, Pass::parse)?,
    })
}

fn job_of(row: &Row) -> Result<DeliveryJob, LedgerError> {
    let frozen: Frozen<'_> = row.json(5)?;
    Ok(DeliveryJob {
        id: row.parsed(0, DeliveryId::parse)?,
        target: row.text(1)?,
        url: frozen.url.into_owned(),
        facts: frozen.facts.into_owned(),
        priority: row.parsed(2, priority)?,
        failures: u32::try_from(row.int(3)?).unwrap_or(u32::MAX),
        released: row.opt_parsed(4, Pass::parse)?,
    })
}

fn priority(rank: &str) -> Option<Priority> {
    match rank {
        "0" => Some(Priority::High),
        "1" => Some(Priority::Normal),
        "2" => Some(Priority::Low),
        _ => None,
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
