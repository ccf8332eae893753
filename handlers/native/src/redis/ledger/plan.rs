//! Ending the processing of a mail.

use super::RedisLedger;
use super::head::Frozen;
use super::lease::{hourly, rank};
use super::row::Row;
use super::script::{Effect, Parts, Step};
use redis::ScriptInvocation;
use render_signal::ledger::{DeliveryJob, LeaseRequest, LeaseToken, LedgerError, NewDelivery, Pass, Plan, Planned};
use std::borrow::Cow;

static PLAN: Step = Step::new(Effect::Finishes, Parts::Deliveries, include_str!("../lua/plan.lua"));

/// See [`render_signal::ports::Ledger::plan`].
pub(super) async fn plan(
    ledger: &RedisLedger,
    token: &LeaseToken,
    plan: Plan,
    request: LeaseRequest,
) -> Result<Planned, LedgerError> {
    let mut call = ledger.step(&PLAN);
    call.arg(token.work).arg(token.fence);
    let deliveries = add_plan(&mut call, plan);
    call.arg(request.max).arg(request.per_target).arg(hourly(&request));
    for delivery in &deliveries {
        add_delivery(&mut call, delivery)?;
    }
    let mut row = Row::of(ledger.run(&call).await?)?;
    if row.text(0)? == "stale" {
        return Ok(Planned::Stale);
    }
    let leased = row.take_rows(1)?.into_iter().map(|leased| job(&leased, &deliveries));
    leased.collect::<Result<_, _>>().map(Planned::Recorded)
}

/// The arguments 4 to 7. Returns the deliveries to be made.
fn add_plan(call: &mut ScriptInvocation<'_>, plan: Plan) -> Vec<NewDelivery> {
    let (detector, deliveries) = match plan {
        Plan::Skip { reason, detector } => {
            call.arg("skip").arg(reason.code()).arg("");
            (detector, Vec::new())
        }
        Plan::Hold { reason, until, detector } => {
            let until = until.map_or_else(String::new, |until| until.as_millis().to_string());
            call.arg("hold").arg(reason.code()).arg(until);
            (detector, Vec::new())
        }
        Plan::Deliver { deliveries, detector } => {
            call.arg("deliver").arg("").arg("");
            (detector, deliveries)
        }
    };
    call.arg(detector.unwrap_or_default());
    deliveries
}

fn add_delivery(call: &mut ScriptInvocation<'_>, new: &NewDelivery) -> Result<(), LedgerError> {
    let frozen = Frozen { url: Cow::Borrowed(&new.url), facts: Cow::Borrowed(&new.facts) };
    let job = serde_json::to_string(&frozen).map_err(|error| LedgerError::Corrupt(error.to_string()))?;
    call.arg(new.id.as_str()).arg(&new.target).arg(rank(new.priority)).arg(job);
    Ok(())
}

/// A delivery that was leased with the plan: its place in the plan, counted from 1, its number, its lease, how it was let go.
fn job(leased: &Row, deliveries: &[NewDelivery]) -> Result<(LeaseToken, DeliveryJob), LedgerError> {
    let place = usize::try_from(leased.int(0)?).unwrap_or(0);
    let new = place.checked_sub(1).and_then(|place| deliveries.get(place));
    let new = new.ok_or_else(|| LedgerError::Corrupt("a delivery that was not planned".to_owned()))?.clone();
    let token = LeaseToken { work: leased.int(1)?, fence: leased.int(2)? };
    let released = leased.opt_parsed(3, Pass::parse)?;
    let NewDelivery { id, target, url, priority, facts } = new;
    Ok((token, DeliveryJob { id, target, url, facts, priority, failures: 0, released }))
}
