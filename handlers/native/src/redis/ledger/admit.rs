//! Taking a mail.

use super::RedisLedger;
use super::head::Head;
use super::row::Row;
use super::script::{Effect, Parts, Step};
use redis::ScriptInvocation;
use render_signal::ledger::{Admission, Admitted, Dedup, LedgerError, NewMail, SkipReason, Verdict};

static ADMIT: Step = Step::new(Effect::Adds, Parts::Mails, include_str!("../lua/admit.lua"));

/// See [`render_signal::ports::Ledger::admit`].
pub(super) async fn admit(ledger: &RedisLedger, new: NewMail, admission: Admission) -> Result<Admitted, LedgerError> {
    let mut call = ledger.step(&ADMIT);
    add_admission(&mut call, &admission);
    call.arg(if ledger.has_room().await? { "0" } else { "1" });
    add_mail(&mut call, &new)?;
    call.arg(&ledger.keys.marks);
    let row = Row::of(ledger.run(&call).await?)?;
    let answer = row.text(0)?;
    if matches!(answer.as_str(), "queued" | "skipped") {
        ledger.count_taken(new.mail.body.len());
    }
    match answer.as_str() {
        "queued" => Ok(Admitted::Queued(new.id)),
        "skipped" => Ok(Admitted::Skipped(new.id, row.parsed(1, SkipReason::parse)?)),
        "known" => {
            Ok(Admitted::Known { mail: row.parsed(1, render_signal::mail::MailId::parse)?, ended: row.int(2)? == 1 })
        }
        "elsewhere" => Ok(Admitted::KnownElsewhere),
        "stale" => Ok(Admitted::StaleConfig { current: row.count(1)? }),
        "full" => Err(LedgerError::Full),
        // Whoever works on it may still fail: only the client can see to it that the mail is not lost.
        "in_flight" => Err(LedgerError::Unavailable("an older server is working on this mail".to_owned())),
        "refused" => match admission.verdict {
            Verdict::Refuse(reason) => Ok(Admitted::Refused(reason)),
            _ => Err(LedgerError::Corrupt("a refusal that nobody asked for".to_owned())),
        },
        _ => Err(LedgerError::Corrupt("an answer without meaning".to_owned())),
    }
}

/// The arguments 2 to 7.
fn add_admission(call: &mut ScriptInvocation<'_>, admission: &Admission) {
    match &admission.verdict {
        Verdict::Accept { group: None } => call.arg("accept").arg("").arg("").arg(""),
        Verdict::Accept { group: Some(group) } => {
            call.arg("accept").arg("").arg(&group.key).arg(group.expires_at.as_millis())
        }
        Verdict::Skip(reason) => call.arg("skip").arg(reason.code()).arg("").arg(""),
        Verdict::Refuse(reason) => call.arg("refuse").arg(reason.code()).arg("").arg(""),
    };
    call.arg(if admission.dedup == Dedup::On { "1" } else { "0" }).arg(admission.config_version);
}

/// The arguments 9 to 19.
fn add_mail(call: &mut ScriptInvocation<'_>, new: &NewMail) -> Result<(), LedgerError> {
    let head = serde_json::to_string(&Head::of(new)).map_err(|error| LedgerError::Corrupt(error.to_string()))?;
    call.arg(new.id.as_str()).arg(new.email_id.as_str()).arg(new.digest.as_str()).arg(new.source.as_str());
    call.arg(head).arg(&new.mail.body).arg(new.mail.body.len());
    add_optional(call, new.mail.message_id.as_deref());
    add_optional(call, new.mail.thread_id.as_deref());
    Ok(())
}

/// Two arguments: whether there is a text, and the text. An empty one is one.
fn add_optional(call: &mut ScriptInvocation<'_>, text: Option<&str>) {
    call.arg(if text.is_some() { "1" } else { "0" }).arg(text.unwrap_or_default());
}
