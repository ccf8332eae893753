//! Reading the ledger.

use super::RedisLedger;
use super::head::Head;
use super::row::Row;
use super::script::{Effect, Parts, Step};
use redis::Value;
use render_signal::calendar::Timestamp;
use render_signal::delivery::DeliveryId;
use render_signal::ledger::{
    Attempt, AttemptView, DeliveryState, DeliveryView, EventView, LedgerError, MailLife, MailState, MailSummary, Stats,
};
use std::collections::BTreeMap;

static LIFE: Step = Step::new(
    Effect::Reads,
    Parts::Mails,
    concat!(include_str!("../lua/summary.lua"), include_str!("../lua/life.lua")),
);
static STATS: Step = Step::new(Effect::Reads, Parts::Mails, include_str!("../lua/stats.lua"));

/// By what a mail is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    Mail(&'a str),
    Delivery(&'a str),
}

impl RedisLedger {
    /// See [`render_signal::ports::Ledger::life`] and [`render_signal::ports::Ledger::life_of_delivery`].
    pub(super) async fn whole_life(&self, of: Asked<'_>) -> Result<Option<MailLife>, LedgerError> {
        let (kind, id) = match of {
            Asked::Mail(id) => ("mail", id),
            Asked::Delivery(id) => ("delivery", id),
        };
        let mut call = self.step(&LIFE);
        match self.run(call.arg(kind).arg(id)).await? {
            Value::Nil => Ok(None),
            found => life(Row::of(found)?).map(Some),
        }
    }

    /// See [`render_signal::ports::Ledger::stats`].
    pub(super) async fn counts(&self) -> Result<Stats, LedgerError> {
        let mut call = self.step(&STATS);
        let mut states = MailState::ALL.to_vec();
        states.sort_by_key(|state| state.code());
        for state in &states {
            call.arg(state.code());
        }
        let mut row = Row::of(self.run(&call).await?)?;
        let counts = table(&mut row, 0)?;
        let counts = states.into_iter().enumerate().map(|(n, state)| Ok((state, counts.count(n)?)));
        let mut mails = counts.collect::<Result<Vec<_>, LedgerError>>()?;
        mails.retain(|(_, count)| *count > 0);
        let disabled_targets = pairs(&table(&mut row, 3)?)?.into_iter().collect();
        Ok(Stats { mails, in_flight: row.count(1)?, oldest_due: row.opt_at(2)?, disabled_targets })
    }
}

/// A mail as `summary.lua` gives it.
pub(super) fn mail_summary(row: &Row) -> Result<MailSummary, LedgerError> {
    let head: Head<'_> = row.json(7)?;
    Ok(MailSummary {
        id: head.id.into_owned(),
        email_id: head.email_id.as_str().to_owned(),
        accepted_at: head.accepted_at,
        sender: head.sender.into_owned(),
        subject: head.subject.into_owned(),
        body_bytes: head.body_bytes,
        state: row.parsed(0, MailState::parse)?,
        reason: row.opt_text(1)?,
        detector: row.opt_text(2)?,
        hold_until: row.opt_at(3)?,
        ended_at: row.opt_at(4)?,
    })
}

fn life(mut row: Row) -> Result<MailLife, LedgerError> {
    let mail = table(&mut row, 0)?;
    let mut ids = BTreeMap::new();
    let mut deliveries = Vec::new();
    for mut delivery in row.take_rows(1)? {
        let view = delivery_view(&mut delivery)?;
        ids.insert(delivery.text(6)?, view.id.clone());
        deliveries.push(view);
    }
    let events = table(&mut row, 2)?;
    let events = (0..events.len()).map(|n| event_view(&events.text(n)?, &ids)).collect::<Result<_, _>>()?;
    Ok(MailLife { mail: mail_summary(&mail)?, message_id: mail.any_text(5)?, deliveries, events })
}

/// The one part of a delivery's facts that is shown.
#[derive(serde::Deserialize)]
struct Address {
    url: String,
}

fn delivery_view(row: &mut Row) -> Result<DeliveryView, LedgerError> {
    let attempts = table(row, 8)?;
    let address: Address = row.json(7)?;
    Ok(DeliveryView {
        id: row.parsed(0, DeliveryId::parse)?,
        target: row.text(1)?,
        url: address.url,
        state: row.parsed(2, DeliveryState::parse)?,
        reason: row.opt_text(3)?,
        due_at: row.opt_at(4)?,
        ended_at: row.opt_at(5)?,
        attempts: (0..attempts.len()).map(|n| attempt_view(&attempts.text(n)?)).collect::<Result<_, _>>()?,
    })
}

/// Reads "fence stale json".
fn attempt_view(text: &str) -> Result<AttemptView, LedgerError> {
    let mut words = text.splitn(3, ' ').skip(1);
    let stale = words.next() == Some("1");
    let attempt: Option<Attempt> = words.next().and_then(|json| serde_json::from_str(json).ok());
    Ok(AttemptView { attempt: attempt.ok_or_else(|| damaged("an attempt"))?, stale })
}

/// Reads "number time kind delivery code".
fn event_view(text: &str, deliveries: &BTreeMap<String, DeliveryId>) -> Result<EventView, LedgerError> {
    let words: Vec<&str> = text.splitn(5, ' ').collect();
    let &[seq, at, kind, delivery, code] = words.as_slice() else { return Err(damaged("an event")) };
    Ok(EventView {
        seq: seq.parse().map_err(|_| damaged("an event"))?,
        at: at.parse().map(Timestamp::from_millis).map_err(|_| damaged("an event"))?,
        kind: kind.to_owned(),
        code: code.to_owned(),
        delivery: deliveries.get(delivery).cloned(),
    })
}

fn pairs(row: &Row) -> Result<BTreeMap<String, String>, LedgerError> {
    (0..row.len() / 2).map(|n| Ok((row.text(2 * n)?, row.text(2 * n + 1)?))).collect()
}

fn table(row: &mut Row, column: usize) -> Result<Row, LedgerError> {
    row.take_row(column)?.ok_or_else(|| damaged("a table"))
}

fn damaged(what: &str) -> LedgerError {
    LedgerError::Corrupt(format!("{what} does not read"))
}
