//! Deciding about a mail, and starting what was decided.

use super::configuration::current;
use super::decide::decide;
use super::deliver::deliver;
use super::places::Places;
use super::work::lease_request;
use crate::ledger::{DeliveryJob, LeaseToken, LedgerError, Plan, Planned, StoredMail};
use crate::mail::text::first_mib;
use crate::ports::{Clock, Home, Journal, Ledger, Level, Line, Queue};
use futures_util::future::join_all;

/// Deliveries of one mail rendered and sent side by side: each holds a payload, which may be larger than the mail. The others are
/// due at once, for whoever has room.
const TOGETHER: u32 = 4;

/// Processes a leased mail and sends the deliveries that were leased with its plan, side by side, so that one slow target does
/// not hold up another.
pub(super) async fn process<H: Home>(home: &H, token: &LeaseToken, stored: &StoredMail, places: &Places) {
    let started = home.clock().now();
    if first_mib(&stored.mail.body).truncated {
        let msg = "HTML content truncated (exceeded 1MB limit)";
        home.journal().log(Line::new(Level::Warn, "process", "truncated", msg).with_mail(&stored.id));
    }
    match plan(home, token, stored).await {
        Ok(None) => {
            let line = Line::new(Level::Info, "process", "stale", "PROCESS: another worker decides");
            home.journal().log(line.with_mail(&stored.id));
        }
        Ok(Some((plan, jobs))) => {
            let code = code(&plan);
            let line = Line::new(Level::Info, "process", code, message(&plan));
            home.journal().log(line.with_mail(&stored.id).with_duration(home.clock().now().since(started)));
            if matches!(&plan, Plan::Deliver { deliveries, .. } if deliveries.len() > jobs.len()) {
                home.queue().nudge().await;
            }
            join_all(jobs.iter().map(|(token, job)| deliver(home, token, stored, job, places))).await;
        }
        Err(error) => {
            // The lease runs out and the mail is processed again: deciding is free of side effects.
            let line = Line::new(Level::Error, "process", error.code(), "PROCESS: the decision could not be recorded");
            home.journal().log(line.with_mail(&stored.id).with_cause(&error));
        }
    }
}

/// Decides, and records it. `None` when the lease was lost by then.
async fn plan<H: Home>(
    home: &H,
    token: &LeaseToken,
    stored: &StoredMail,
) -> Result<Option<(Plan, Vec<(LeaseToken, DeliveryJob)>)>, LedgerError> {
    let snapshot = current(home).await.map_err(|error| LedgerError::Unavailable(error.to_string()))?;
    let plan = decide(stored, &snapshot, home.clock().now()).into_plan(&stored.id);
    let request = lease_request(&snapshot, TOGETHER);
    match home.ledger().plan(token, plan.clone(), request).await? {
        Planned::Recorded(jobs) => Ok(Some((plan, jobs))),
        Planned::Stale => Ok(None),
    }
}

fn code(plan: &Plan) -> &'static str {
    match plan {
        Plan::Skip { reason, .. } => reason.code(),
        Plan::Hold { reason, .. } => reason.code(),
        Plan::Deliver { .. } => "planned",
    }
}

fn message(plan: &Plan) -> String {
    match plan {
        Plan::Skip { .. } => "PROCESS: mail skipped".to_owned(),
        Plan::Hold { .. } => "PROCESS: mail held".to_owned(),
        Plan::Deliver { deliveries, .. } => format!("PROCESS: {} delivery(ies) planned", deliveries.len()),
    }
}
