//! Taking a mail: everything between a well-formed push and its answer.

use super::configuration::{Standing, current, refresh};
use crate::config::Snapshot;
use crate::ledger::{Admission, Admitted, Dedup, GroupClaim, LedgerError, NewMail, RefusalReason, SkipReason, Verdict};
use crate::mail::{BodyDigest, EmailId, Mail, MailId, Source, SubjectGroup, mask};
use crate::ports::{Clock, ConfigError, Entropy, Home, Journal, Ledger, Level, Line, Queue};

/// A configuration that changes faster than a decision is made is an outage, not a reason to try for ever.
const TRIES: usize = 4;

/// What became of a pushed mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ingested {
    /// It is on durable storage and will be processed.
    Queued,
    /// It is on record, and ended.
    Skipped(SkipReason),
    /// It was taken before, and has ended.
    AlreadyProcessed,
    /// It was taken before, and has not ended yet.
    AlreadyProcessing,
    /// It stays with the client, to be sent again later.
    Refused(RefusalReason),
}

/// Why a mail could not be taken. Nothing is half-done: the client sends it again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// The ledger did not take it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The configuration could not be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration kept changing.
    #[error("the configuration changed {TRIES} times during one decision")]
    Unsettled,
}

impl IngestError {
    /// The stable code of the failure.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ledger(error) => error.code(),
            Self::Config(_) => "config_unavailable",
            Self::Unsettled => "config_unsettled",
        }
    }
}

/// Takes a mail, unless it is known, not wanted, or sending is closed. Answers with the predecessor's id of the mail.
pub async fn ingest<H: Home>(home: &H, mail: Mail, source: Source) -> Result<(EmailId, Ingested), IngestError> {
    let now = home.clock().now();
    let email_id = EmailId::of(&mail.subject, &mail.sender_email, &mail.date);
    let id = MailId::new(now, home.entropy().random());
    let new = NewMail { id, email_id, digest: BodyDigest::of(&mail.body), mail, source, accepted_at: now };
    let result = admit(home, &new).await;
    log(home, &new, &result);
    if result == Ok(Ingested::Queued) {
        home.queue().nudge().await;
    }
    result.map(|ingested| (new.email_id, ingested))
}

async fn admit<H: Home>(home: &H, new: &NewMail) -> Result<Ingested, IngestError> {
    let mut snapshot = current(home).await?;
    for _ in 0..TRIES {
        if !snapshot.intake.gmail_enabled {
            // Switched on again a moment ago? Then the client need not come back.
            snapshot = refresh(home).await?;
            if !snapshot.intake.gmail_enabled {
                return Ok(Ingested::Refused(RefusalReason::IngressDisabled));
            }
        }
        let dedup = dedup(&snapshot);
        let admission = Admission { verdict: verdict(new, &snapshot), dedup, config_version: snapshot.version };
        match home.ledger().admit(new.clone(), admission).await? {
            Admitted::Queued(_) => return Ok(Ingested::Queued),
            Admitted::Skipped(_, reason) => return Ok(Ingested::Skipped(reason)),
            Admitted::Known { ended: true, .. } | Admitted::KnownElsewhere => return Ok(Ingested::AlreadyProcessed),
            Admitted::Known { ended: false, .. } => return Ok(Ingested::AlreadyProcessing),
            Admitted::Refused(reason) => return Ok(Ingested::Refused(reason)),
            Admitted::StaleConfig { current } => {
                snapshot = refresh(home).await?;
                still_behind(home, &snapshot, current)?;
            }
        }
    }
    Err(IngestError::Unsettled)
}

/// A copy that is older than what the ledger knows stays so however often it is read: nothing can be decided under it.
fn still_behind<H: Home>(home: &H, snapshot: &Snapshot, current: u64) -> Result<(), ConfigError> {
    if snapshot.version >= current || home.config_cache().standing() != Some(Standing::Stale) {
        return Ok(());
    }
    let found = snapshot.version;
    Err(ConfigError::Unavailable(format!("its copy is at version {found}, version {current} is in force")))
}

/// What is decided before the ledger is asked.
fn verdict(new: &NewMail, snapshot: &Snapshot) -> Verdict {
    if !snapshot.intake.allowlist.admits(new.mail.sender_email.as_str()) {
        return Verdict::Skip(SkipReason::SenderNotAllowed);
    }
    if !snapshot.sending.enabled || snapshot.hours.absence.covers(new.accepted_at, &snapshot.hours.zone) {
        return Verdict::Refuse(RefusalReason::SendingDisabled);
    }
    Verdict::Accept { group: group_claim(new, snapshot) }
}

fn group_claim(new: &NewMail, snapshot: &Snapshot) -> Option<GroupClaim> {
    let groups = snapshot.intake.subject_groups.filter(|_| dedup(snapshot) == Dedup::On)?;
    let local = snapshot.hours.zone.local(new.accepted_at);
    let key = SubjectGroup::of(&new.mail.subject).scoped(local.year, local.month);
    Some(GroupClaim { key, expires_at: new.accepted_at.plus(groups.ttl) })
}

fn dedup(snapshot: &Snapshot) -> Dedup {
    if snapshot.intake.dedup_disabled { Dedup::Off } else { Dedup::On }
}

fn log<H: Home>(home: &H, new: &NewMail, result: &Result<Ingested, IngestError>) {
    let mut line = match result {
        Ok(Ingested::Queued) => {
            Line::new(Level::Info, "ingest", "queued", "API INGRESS: Gmail push processed successfully")
                .with_mail(&new.id)
        }
        Ok(Ingested::Skipped(reason)) => {
            Line::new(Level::Info, "ingest", reason.code(), "API INGRESS: mail skipped").with_mail(&new.id)
        }
        Ok(Ingested::AlreadyProcessed) => Line::new(Level::Info, "ingest", "already_processed", "API INGRESS: repeat"),
        Ok(Ingested::AlreadyProcessing) => {
            Line::new(Level::Info, "ingest", "already_processing", "API INGRESS: repeat")
        }
        Ok(Ingested::Refused(reason)) => {
            Line::new(Level::Info, "ingest", reason.code(), "API INGRESS: mail left with its client")
        }
        Err(error) => {
            Line::new(Level::Error, "ingest", error.code(), "API INGRESS: mail could not be taken").with_cause(error)
        }
    };
    line.sender = Some(mask::email(new.mail.sender_email.as_str()));
    line.subject = Some(mask::subject(&new.mail.subject));
    line.duration_ms = u64::try_from(home.clock().now().since(new.accepted_at).as_millis()).ok();
    home.journal().log(line);
}
