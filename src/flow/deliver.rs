//! Sending one delivery and recording what came of it.

use super::configuration::current;
use super::gate::may_send;
use super::places::Places;
use super::work::while_renewing;
use crate::calendar::Timestamp;
use crate::config::Snapshot;
use crate::delivery::outcome::{ANSWER_LIMIT, Answer, Cause, Mode, SendError, Verdict, judge};
use crate::delivery::payload::{MailView, render};
use crate::delivery::{Jitter, TargetUrl, signature};
use crate::ledger::{Attempt, DeliveryJob, HoldReason, LeaseToken, Next, Recorded, Report, StoredMail};
use crate::mail::BodyDigest;
use crate::ports::{Clock, ConfigError, Entropy, Fetch, Home, Journal, Ledger, Level, Line, Outgoing};
use bytes::Bytes;
use core::time::Duration;

/// How long recording is tried while the ledger does not answer. After that the lease runs out and the delivery is sent again,
/// under the same id. It takes one of its target's places until then: so it is tried for most of a lease, and often.
fn record_pauses() -> impl Iterator<Item = Duration> {
    [100, 500].into_iter().chain(core::iter::repeat_n(2_000, 25)).map(Duration::from_millis)
}

/// What was sent, and what came back.
struct Sent {
    started_at: Timestamp,
    modes: Vec<Mode>,
    body: Bytes,
    digest: BodyDigest,
    result: Result<Answer, SendError>,
}

/// Sends a leased delivery, unless the gate is closed, and records the outcome. The time it waits for a place is not the
/// request's: it begins with the gate, when there is one.
pub(super) async fn deliver<H: Home>(
    home: &H,
    token: &LeaseToken,
    stored: &StoredMail,
    job: &DeliveryJob,
    places: &Places,
) {
    let attempt = async {
        let _place = places.take(stored.mail.body.len()).await;
        let snapshot = current(home).await?;
        Ok::<_, ConfigError>(attempt(home, &snapshot, stored, job).await)
    };
    let report = match while_renewing(home, token, attempt).await {
        Ok(report) => report,
        // Without a configuration nothing may be sent; the lease runs out and the delivery is due again.
        Err(error) => {
            let line = Line::new(
                Level::Error,
                "deliver",
                "config_unavailable",
                "DELIVER: the configuration could not be read",
            );
            return home.journal().log(line.with_mail(&stored.id).with_cause(&error));
        }
    };
    record(home, token, stored, job, report).await;
}

/// One pass through the gate and, if it is open, one try.
async fn attempt<H: Home>(home: &H, snapshot: &Snapshot, stored: &StoredMail, job: &DeliveryJob) -> Report {
    if let Err(closed) = may_send(home.clock().now(), snapshot, job.released) {
        return Report { attempt: None, next: Next::Hold { reason: closed.reason, until: closed.until } };
    }
    let Ok(url) = TargetUrl::parse(&job.url, &snapshot.sending.url_policy) else {
        return Report { attempt: None, next: Next::Hold { reason: HoldReason::TargetRefused, until: None } };
    };
    let sent = send(home, snapshot, stored, job, &url).await;
    let now = home.clock().now();
    let verdict = judge(&sent.result, now).final_media_type();
    let next = next(&verdict, snapshot, job, now, jitter(home.entropy().random()));
    Report { attempt: Some(to_attempt(&sent, &verdict, now)), next }
}

/// Posts the body in the configured mode and, when the receiver wants the other media type, at once in the other one.
async fn send<H: Home>(home: &H, snapshot: &Snapshot, stored: &StoredMail, job: &DeliveryJob, url: &TargetUrl) -> Sent {
    let started_at = home.clock().now();
    let text = render(&view(stored), &job.facts);
    let digest = BodyDigest::of(&text);
    let mut sent = Sent {
        started_at,
        modes: vec![snapshot.sending.mode],
        body: Bytes::from(text),
        digest,
        result: Err(SendError::Protocol),
    };
    let timeout = snapshot.sending.timeout;
    sent.result = post(home, snapshot, job, url, &sent.body, snapshot.sending.mode, timeout).await;
    // One deadline for both: an attempt takes no longer for being asked for the other type.
    let left = timeout.saturating_sub(home.clock().now().since(started_at));
    let unsupported = matches!(&sent.result, Ok(answer) if answer.status == 415);
    if snapshot.sending.fallback_on_415 && unsupported && !left.is_zero() {
        let other = snapshot.sending.mode.other();
        sent.modes.push(other);
        sent.result = post(home, snapshot, job, url, &sent.body, other, left).await;
    }
    sent
}

async fn post<H: Home>(
    home: &H,
    snapshot: &Snapshot,
    job: &DeliveryJob,
    url: &TargetUrl,
    body: &Bytes,
    mode: Mode,
    timeout: Duration,
) -> Result<Answer, SendError> {
    let mut headers = vec![("content-type".to_owned(), mode.content_type().to_owned())];
    let signed = signature::sign(&snapshot.sending.secrets, &job.id, home.clock().now(), body);
    headers.extend(signed.iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    let request = Outgoing {
        url: url.clone(),
        headers,
        body: body.clone(),
        timeout,
        tls: snapshot.sending.tls,
        max_answer: ANSWER_LIMIT,
    };
    home.fetch().send(request).await
}

/// What a receiver is told of a mail.
fn view(stored: &StoredMail) -> MailView<'_> {
    MailView {
        email_id: stored.email_id.as_str(),
        subject: &stored.mail.subject,
        date: &stored.mail.date,
        sender: &stored.mail.sender,
        sender_email: stored.mail.sender_email.as_str(),
        body: &stored.mail.body,
        source: stored.source.as_str(),
    }
}

fn next(verdict: &Verdict, snapshot: &Snapshot, job: &DeliveryJob, now: Timestamp, jitter: Jitter) -> Next {
    match verdict {
        Verdict::Delivered => Next::Delivered,
        Verdict::Retry { after, .. } => snapshot
            .sending
            .schedule
            .next(job.failures.saturating_add(1), now, *after, jitter)
            .map_or(Next::Failed, Next::Retry),
        Verdict::Gone => Next::TargetGone,
        Verdict::Refused { .. } | Verdict::Failed { .. } | Verdict::OtherMediaType => Next::Failed,
    }
}

fn to_attempt(sent: &Sent, verdict: &Verdict, now: Timestamp) -> Attempt {
    let answer = sent.result.as_ref().ok();
    Attempt {
        started_at: sent.started_at,
        duration_ms: u64::try_from(now.since(sent.started_at).as_millis()).unwrap_or(u64::MAX),
        code: code(verdict).to_owned(),
        status: answer.map(|answer| answer.status),
        modes: sent.modes.iter().map(|mode| mode.name().to_owned()).collect(),
        payload_bytes: u64::try_from(sent.body.len()).unwrap_or(u64::MAX),
        payload_digest: sent.digest.as_str().to_owned(),
        snippet: answer.map(Answer::snippet).filter(|snippet| !snippet.is_empty()),
        failure_reason: cause(verdict).map(|cause| cause.failure_reason().code().to_owned()),
    }
}

/// The attempt's stable code.
fn code(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Delivered => "delivered",
        Verdict::Gone => "target_gone",
        _ => cause(verdict).map_or("unsupported_media_type", Cause::code),
    }
}

/// Why the attempt did not deliver.
const fn cause(verdict: &Verdict) -> Option<Cause> {
    match verdict {
        Verdict::Refused { cause } | Verdict::Retry { cause, .. } | Verdict::Failed { cause } => Some(*cause),
        Verdict::Delivered | Verdict::OtherMediaType | Verdict::Gone => None,
    }
}

/// The upper sixteen of the random bits.
fn jitter(random: u128) -> Jitter {
    Jitter(u16::try_from(random >> 112).unwrap_or(0))
}

async fn record<H: Home>(home: &H, token: &LeaseToken, stored: &StoredMail, job: &DeliveryJob, report: Report) {
    let mut pauses = record_pauses();
    loop {
        match home.ledger().record(token, report.clone()).await {
            Ok(recorded) => return log(home, stored, &report, recorded),
            Err(error) => {
                let line = Line::new(
                    Level::Error,
                    "deliver",
                    error.code(),
                    format!("DELIVER: {} could not be recorded", job.id),
                );
                home.journal().log(line.with_mail(&stored.id).with_cause(&error));
            }
        }
        match pauses.next() {
            Some(pause) => home.clock().sleep(pause).await,
            None => return,
        }
    }
}

fn log<H: Home>(home: &H, stored: &StoredMail, report: &Report, recorded: Recorded) {
    let (level, code) = match &report.next {
        Next::Delivered => (Level::Info, "delivered"),
        Next::Retry(_) => (Level::Warn, "retrying"),
        Next::Failed => (Level::Error, "failed"),
        Next::Hold { reason, .. } => (Level::Info, reason.code()),
        Next::TargetGone => (Level::Error, "target_disabled"),
    };
    let detail = report.attempt.as_ref().map_or_else(String::new, |attempt| {
        let status = attempt.status.map_or_else(String::new, |status| format!(" status={status}"));
        format!(" outcome={}{status}", attempt.code)
    });
    let stale = if recorded == Recorded::Stale { " (lease lost)" } else { "" };
    let mut line = Line::new(level, "deliver", code, format!("DELIVER: {code}{detail}{stale}")).with_mail(&stored.id);
    line.duration_ms = report.attempt.as_ref().map(|attempt| attempt.duration_ms);
    home.journal().log(line);
}
