//! What came of a delivery.

use super::RedisLedger;
use super::script::{Effect, Parts, Step};
use redis::ScriptInvocation;
use render_signal::ledger::{Attempt, LeaseToken, LedgerError, Next, Recorded, Report};

static RECORD: Step = Step::new(Effect::Finishes, Parts::Deliveries, include_str!("../lua/record.lua"));

/// See [`render_signal::ports::Ledger::record`].
pub(super) async fn record(ledger: &RedisLedger, token: &LeaseToken, report: Report) -> Result<Recorded, LedgerError> {
    let mut call = ledger.step(&RECORD);
    call.arg(token.work).arg(token.fence);
    add_next(&mut call, &report.next);
    add_attempt(&mut call, report.attempt.as_ref())?;
    match ledger.run(&call).await? {
        redis::Value::Int(1) => Ok(Recorded::Applied),
        _ => Ok(Recorded::Stale),
    }
}

/// The arguments 4 to 6.
fn add_next(call: &mut ScriptInvocation<'_>, next: &Next) {
    match next {
        Next::Delivered => call.arg("delivered").arg("").arg(""),
        Next::Failed => call.arg("failed").arg("").arg(""),
        Next::Retry(at) => call.arg("retry").arg("").arg(at.as_millis()),
        Next::Hold { reason, until } => {
            let until = until.map_or_else(String::new, |until| until.as_millis().to_string());
            call.arg("hold").arg(reason.code()).arg(until)
        }
        Next::TargetGone => call.arg("gone").arg("").arg(""),
    };
}

/// The arguments 7 to 9.
fn add_attempt(call: &mut ScriptInvocation<'_>, attempt: Option<&Attempt>) -> Result<(), LedgerError> {
    let Some(attempt) = attempt else {
        call.arg("").arg("").arg("");
        return Ok(());
    };
    let json = serde_json::to_string(attempt).map_err(|error| LedgerError::Corrupt(error.to_string()))?;
    call.arg(&attempt.code).arg(attempt.started_at.as_millis()).arg(json);
    Ok(())
}
