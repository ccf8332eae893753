//! Reading the ledger.

use super::Step;
use super::state::{AttemptRow, DeliveryRow, MailRow, Work};
use crate::delivery::DeliveryId;
use crate::ledger::{
    AttemptView, DeliveryState, DeliveryView, EventView, MailFilter, MailLife, MailPage, MailState, MailSummary, Stats,
};
use crate::mail::MailId;
use std::collections::BTreeMap;

impl Step<'_> {
    pub(super) fn life(&self, mail: &MailId) -> Option<MailLife> {
        self.life_of(self.state.seq_of(mail)?)
    }

    pub(super) fn life_of_delivery(&self, delivery: &DeliveryId) -> Option<MailLife> {
        let seq = self.state.seq_of_delivery(delivery)?;
        self.life_of(self.state.deliveries.get(&seq)?.mail)
    }

    pub(super) fn list(&self, filter: &MailFilter) -> MailPage {
        let limit = usize::try_from(filter.limit.clamp(1, 500)).unwrap_or(usize::MAX);
        let before = filter.before.as_ref().map_or(i64::MAX, |id| self.state.seq_of(id).unwrap_or(0));
        let words = words(filter.text.as_deref());
        let dead = |seq: i64| self.state.deliveries_of(seq).any(|(_, row)| row.state == DeliveryState::Failed);
        let stands = |seq: i64, row: &MailRow| match filter.state {
            None => true,
            Some(MailState::Failed) => dead(seq),
            Some(state) => row.state == state,
        };
        let found =
            self.state.mails.range(..before).rev().filter(|(seq, row)| stands(**seq, row) && holds(row, &words));
        let mut mails: Vec<_> = found.take(limit + 1).map(|(_, row)| summary(row)).collect();
        let more = mails.len() > limit;
        mails.truncate(limit);
        let next = mails.last().filter(|_| more).map(|mail| mail.id.clone());
        MailPage { mails, next, searched: None }
    }

    pub(super) fn stats(&self) -> Stats {
        let mut counts: BTreeMap<&str, (MailState, u64)> = BTreeMap::new();
        for mail in self.state.mails.values() {
            counts.entry(mail.state.code()).or_insert((mail.state, 0)).1 += 1;
        }
        let slots = || self.state.schedule.values();
        Stats {
            mails: counts.into_values().collect(),
            in_flight: u64::try_from(slots().filter(|slot| !slot.is_free()).count()).unwrap_or(u64::MAX),
            oldest_due: slots().filter(|slot| slot.is_free()).map(|slot| slot.due_at).min(),
            disabled_targets: self.state.disabled.iter().map(|(target, code)| (target.clone(), code.clone())).collect(),
        }
    }

    fn life_of(&self, seq: i64) -> Option<MailLife> {
        let row = self.state.mails.get(&seq)?;
        Some(MailLife {
            mail: summary(row),
            message_id: row.new.mail.message_id.clone(),
            deliveries: self.state.deliveries_of(seq).map(|(seq, row)| self.delivery_view(seq, row)).collect(),
            events: self.events_of(seq),
        })
    }

    fn delivery_view(&self, seq: i64, row: &DeliveryRow) -> DeliveryView {
        DeliveryView {
            id: row.new.id.clone(),
            target: row.new.target.clone(),
            url: row.new.url.clone(),
            state: row.state,
            reason: row.reason.clone(),
            due_at: self.state.schedule.get(&Work::Delivery(seq)).map(|slot| slot.due_at),
            ended_at: row.ended_at,
            attempts: row.attempts.iter().map(attempt_view).collect(),
        }
    }

    fn events_of(&self, mail: i64) -> Vec<EventView> {
        let id = |seq: i64| self.state.deliveries.get(&seq).map(|row| row.new.id.clone());
        let rows = self.state.events.iter().filter(|row| row.mail == mail);
        rows.map(|row| EventView {
            seq: row.seq,
            at: row.at,
            kind: row.kind.to_owned(),
            code: row.code.clone(),
            delivery: row.delivery.and_then(id),
        })
        .collect()
    }
}

/// The words of a search that are long enough to be looked up.
fn words(text: Option<&str>) -> Vec<String> {
    let words = text.unwrap_or_default().split_whitespace();
    words.filter(|word| word.chars().count() >= 3).map(str::to_lowercase).collect()
}

fn holds(row: &MailRow, words: &[String]) -> bool {
    let (sender, subject) = (row.new.mail.sender.to_lowercase(), row.new.mail.subject.to_lowercase());
    words.iter().all(|word| sender.contains(word) || subject.contains(word))
}

fn summary(row: &MailRow) -> MailSummary {
    MailSummary {
        id: row.new.id.clone(),
        email_id: row.new.email_id.as_str().to_owned(),
        accepted_at: row.new.accepted_at,
        sender: row.new.mail.sender.clone(),
        subject: row.new.mail.subject.clone(),
        body_bytes: row.body_bytes,
        state: row.state,
        reason: row.reason.clone(),
        detector: row.detector.clone(),
        hold_until: row.hold_until,
        ended_at: row.ended_at,
    }
}

fn attempt_view(row: &AttemptRow) -> AttemptView {
    AttemptView { attempt: row.attempt.clone(), stale: row.stale }
}
