//! What a mail means and where it goes: one pure function, the same for dispatch, simulation and replay.

use crate::calendar::{Local, Position, Timestamp};
use crate::config::Snapshot;
use crate::config::document::{Exclusions, OutsideWindow};
use crate::delivery::payload::{DeliveryLink, Facts, RuleRef};
use crate::delivery::{DeliveryId, TargetUrl};
use crate::detect::{Detection, detect};
use crate::ledger::{HoldReason, NewDelivery, Pass, Plan, SkipReason, StoredMail};
use crate::links::{Link, extract};
use crate::mail::MailId;
use crate::mail::address::display_name;
use crate::mail::text::{first_mib, fold, plain_text};
use crate::rules::{self, Evaluation, Priority};
use core::time::Duration;
use std::collections::BTreeMap;

/// What was decided about a mail, and what recognised it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What recognised the mail.
    pub detection: Detection,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a mail.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// Nothing is sent.
    Skip(SkipReason),
    /// It waits.
    Hold(HoldReason, Option<Timestamp>),
    /// It is sent to these targets, each URL once.
    Send(Vec<Destination>),
}

/// Where a mail goes, with what its receiver is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Destination {
    /// The target.
    pub url: TargetUrl,
    /// How urgent it is.
    pub priority: Priority,
    /// What the receiver is told beside the mail itself.
    pub facts: Facts,
}

/// What is known of a mail once it is read.
struct Reading {
    detection: Detection,
    links: Vec<Link>,
    truncated: bool,
    excluded: bool,
    evaluation: Evaluation,
}

/// Where a mail stands to the sending window: what its receivers are told of it, or why it cannot leave.
enum WindowView {
    Open { start: Option<String> },
    Closed(Fate),
}

/// Decides about a mail. `now` is the present; a mail that was never held is judged by the moment it was taken.
pub fn decide(stored: &StoredMail, snapshot: &Snapshot, now: Timestamp) -> Decision {
    let reading = read(stored, snapshot);
    let fate = fate(stored, snapshot, &reading, now);
    Decision { detection: reading.detection, fate }
}

impl Decision {
    /// The decision as the ledger records it. Deciding again gives the same delivery ids.
    pub fn into_plan(self, mail: &MailId) -> Plan {
        let detector = self.detection.name().map(str::to_owned);
        match self.fate {
            Fate::Skip(reason) => Plan::Skip { reason, detector },
            Fate::Hold(reason, until) => Plan::Hold { reason, until, detector },
            Fate::Send(destinations) => {
                let deliveries = destinations.into_iter().map(|destination| destination.into_delivery(mail)).collect();
                Plan::Deliver { deliveries, detector }
            }
        }
    }
}

impl Destination {
    fn into_delivery(self, mail: &MailId) -> NewDelivery {
        let target = self.url.key().as_str().to_owned();
        NewDelivery {
            id: DeliveryId::derive(mail, &target, 0),
            target,
            url: self.url.as_str().to_owned(),
            priority: self.priority,
            facts: self.facts,
        }
    }
}

/// Reads the mail as it was when it was taken: detectors, links and rules see its first MiB.
fn read(stored: &StoredMail, snapshot: &Snapshot) -> Reading {
    let mail = &stored.mail;
    let cut = first_mib(&mail.body);
    let plain = plain_text(cut.text);
    let local = snapshot.hours.zone.local(stored.accepted_at);
    let detection = detect(&mail.subject, cut.text, &plain, local.into());
    let links = extract(if cut.truncated { whole_words(cut.text) } else { cut.text });
    let evaluation = evaluate(
        stored,
        snapshot,
        &RuleInput { body: cut.text, plain: &plain, detection: &detection, links: &links, local },
    );
    let excluded = is_excluded(&snapshot.intake.exclusions, &detection, &mail.subject, &plain);
    Reading { detection, links, truncated: cut.truncated, excluded, evaluation }
}

/// Without the word that the cut went through: half a link is no link.
fn whole_words(text: &str) -> &str {
    let end = text.rfind(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(0);
    text.get(..end).unwrap_or(text)
}

struct RuleInput<'a> {
    body: &'a str,
    plain: &'a str,
    detection: &'a Detection,
    links: &'a [Link],
    local: Local,
}

fn evaluate(stored: &StoredMail, snapshot: &Snapshot, input: &RuleInput<'_>) -> Evaluation {
    let mail = &stored.mail;
    let name = display_name(&mail.sender);
    let providers: Vec<&str> = input.links.iter().map(|link| link.provider.as_str()).collect();
    snapshot.rules.compiled.evaluate(&rules::Facts {
        sender_raw: &mail.sender,
        sender: rules::Sender {
            email: mail.sender_email.as_str(),
            domain: mail.sender_email.domain().unwrap_or_default(),
            name: &name,
        },
        to: &[],
        subject: &mail.subject,
        body_raw: input.body,
        body_text: input.plain,
        headers: &[],
        detector: input.detection.name(),
        providers: &providers,
        links_count: input.links.len(),
        attachments: &[],
        size: None,
        received: input.local.into(),
    })
}

fn fate(stored: &StoredMail, snapshot: &Snapshot, reading: &Reading, now: Timestamp) -> Fate {
    if reading.excluded {
        return Fate::Skip(SkipReason::ExcludedKeyword);
    }
    let unrecognised = reading.evaluation.matched.is_empty() && reading.detection == Detection::None;
    if unrecognised && reading.links.is_empty() && !snapshot.sending.allow_without_links {
        return Fate::Skip(SkipReason::NoLinks);
    }
    let at = if stored.released.is_some() { now } else { stored.accepted_at };
    let start = match window(snapshot, &reading.detection, at, stored.released) {
        WindowView::Open { start } => start,
        WindowView::Closed(fate) => return fate,
    };
    if let Some(fate) = held_by_rule(stored, reading, now) {
        return fate;
    }
    match destinations(stored, snapshot, reading, start) {
        Err(UnknownTarget) => Fate::Hold(HoldReason::TargetRefused, None),
        Ok(destinations) if destinations.is_empty() => Fate::Hold(HoldReason::NoTarget, None),
        Ok(destinations) => Fate::Send(destinations),
    }
}

/// The window constrains what no receiver asked to have at any hour: see the table of the predecessor, kept here row by row.
fn window(snapshot: &Snapshot, detection: &Detection, at: Timestamp, released: Option<Pass>) -> WindowView {
    let hours = &snapshot.hours;
    let Some(window) = &hours.window.window else { return WindowView::Open { start: None } };
    let position = window.position(at, &hours.zone);
    if position == Position::Inside || released == Some(Pass::SendNow) {
        return WindowView::Open { start: Some("maintenant".to_owned()) };
    }
    match detection {
        Detection::Desabo { urgent: false } => {
            let early = position == Position::Before;
            WindowView::Open { start: early.then(|| hours.window.start_text.clone()).flatten() }
        }
        // Only at first: a mail that was let in and held for another reason waits for the window like the others.
        Detection::Recadrage { .. }
            if released.is_none() && snapshot.detectors.recadrage_outside_window == OutsideWindow::Skip =>
        {
            WindowView::Closed(Fate::Skip(SkipReason::OutsideWindow))
        }
        _ if position == Position::NeverOpens => WindowView::Closed(Fate::Hold(HoldReason::WindowNeverOpens, None)),
        _ => {
            let opening = window.next_opening(at, &hours.zone);
            WindowView::Closed(Fate::Hold(HoldReason::OutsideWindow, opening))
        }
    }
}

/// A rule's hold lasts until a person lets the mail go, or until its hours are over.
fn held_by_rule(stored: &StoredMail, reading: &Reading, now: Timestamp) -> Option<Fate> {
    if stored.released == Some(Pass::SendNow) {
        return None;
    }
    let holds = reading.evaluation.matched.iter().filter(|rule| rule.action.hold);
    let ends: Vec<Option<Timestamp>> = holds
        .map(|rule| {
            rule.action.hold_hours.map(|hours| stored.accepted_at.plus(Duration::from_secs(u64::from(hours) * 3600)))
        })
        .filter(|end| end.is_none_or(|end| end > now))
        .collect();
    if ends.is_empty() {
        return None;
    }
    // One hold without an end outlasts all the others.
    let until = if ends.contains(&None) { None } else { ends.into_iter().flatten().max() };
    Some(Fate::Hold(HoldReason::ByRule, until))
}

/// Each matching rule adds its target; unless one of them stopped, the detector's own target or the default follows.
fn destinations(
    stored: &StoredMail,
    snapshot: &Snapshot,
    reading: &Reading,
    start: Option<String>,
) -> Result<Vec<Destination>, UnknownTarget> {
    let common = common_facts(snapshot, reading, start);
    let mut found: Vec<Destination> = Vec::new();
    let mut add = |url: TargetUrl, priority: Priority, facts: Facts| {
        if !found.iter().any(|other| other.url == url) {
            found.push(Destination { url, priority, facts });
        }
    };
    for rule in &reading.evaluation.matched {
        let routing_rule = Some(RuleRef {
            id: rule.rule_id.clone(),
            name: rule.rule_name.clone(),
            priority: rule.priority.as_str().to_owned(),
        });
        let facts = Facts { routing_rule, captures: rule.captures.clone(), ..common.clone() };
        add(rule_target(&rule.action, snapshot)?, rule.priority, facts);
    }
    if !reading.evaluation.stopped
        && let Some(url) = detector_target(snapshot, &reading.detection).or(snapshot.sending.default_target.as_ref())
    {
        add(url.clone(), snapshot.sending.priority_of(stored.mail.sender_email.as_str()), common);
    }
    Ok(found)
}

/// A rule names a target that is not there, or may not be called. The mail waits for somebody to mend the rule.
struct UnknownTarget;

fn rule_target(action: &rules::Actions, snapshot: &Snapshot) -> Result<TargetUrl, UnknownTarget> {
    match &action.destination {
        rules::Destination::Url(url) => TargetUrl::parse(url, &snapshot.sending.url_policy).map_err(|_| UnknownTarget),
        rules::Destination::Target(_) => Err(UnknownTarget),
    }
}

fn detector_target<'a>(snapshot: &'a Snapshot, detection: &Detection) -> Option<&'a TargetUrl> {
    match detection {
        Detection::None => None,
        Detection::Recadrage { .. } => snapshot.detectors.recadrage_target.as_ref(),
        Detection::Desabo { .. } => snapshot.detectors.desabo_target.as_ref(),
    }
}

/// Whether the subject or the text holds an excluded word, whatever its case and accents.
fn is_excluded(words: &Exclusions, detection: &Detection, subject: &str, plain: &str) -> bool {
    let own: &[String] = match detection {
        Detection::None => &[],
        Detection::Recadrage { .. } => &words.recadrage,
        Detection::Desabo { .. } => &words.desabo,
    };
    if words.all.is_empty() && own.is_empty() {
        return false;
    }
    let (subject, plain) = (fold(subject), fold(plain));
    let mut words = words.all.iter().chain(own).map(|word| fold(word)).filter(|word| !word.trim().is_empty());
    words.any(|word| subject.contains(&word) || plain.contains(&word))
}

fn common_facts(snapshot: &Snapshot, reading: &Reading, start: Option<String>) -> Facts {
    let delivery_time = match &reading.detection {
        Detection::Recadrage { delivery_time } => Some(delivery_time.clone()),
        _ => None,
    };
    let links = reading.links.iter().map(|link| DeliveryLink {
        provider: link.provider.as_str().to_owned(),
        raw_url: link.raw_url.clone(),
        direct_url: None,
        r2_url: None,
        original_filename: None,
    });
    Facts {
        detector: reading.detection.name().map(str::to_owned),
        delivery_time,
        webhooks_time_start: start,
        webhooks_time_end: snapshot.hours.window.end_text.clone(),
        delivery_links: links.collect(),
        routing_rule: None,
        captures: BTreeMap::new(),
        truncated: reading.truncated,
        follow_up_of: None,
    }
}
