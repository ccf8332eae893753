//! Running leased work to its end.

use super::configuration::{current, refresh};
use super::deliver::deliver;
use super::places::Places;
use super::process::process;
use crate::config::Snapshot;
use crate::ledger::{Batch, HourlyLimit, Lease, LeaseRequest, LeaseToken, LedgerError, RENEW_EVERY, Work};
use crate::ports::{Clock, ConfigError, Home, Journal, Ledger, Level, Line};
use core::convert::Infallible;
use core::pin::pin;
use futures_util::future::{Either, select};

/// Deliveries of one target in flight at once, over all workers: a slow target takes these places and no more.
pub const PER_TARGET: u32 = 4;

/// A request for at most `max` items under the limits in force.
pub fn lease_request(snapshot: &Snapshot, max: u32) -> LeaseRequest {
    LeaseRequest { max, per_target: PER_TARGET, hourly: snapshot.sending.rate_limit_per_hour.map(HourlyLimit) }
}

/// Asks the ledger for at most `max` due items. The answer tells the configuration in force: a process that knows an older one
/// reads it before it works.
pub async fn lease<H: Home>(home: &H, max: u32) -> Result<Batch, LedgerError> {
    let unreadable = |error: ConfigError| LedgerError::Unavailable(error.to_string());
    let snapshot = current(home).await.map_err(unreadable)?;
    let batch = home.ledger().lease_due(lease_request(&snapshot, max)).await?;
    // Where the documents have a store of their own, the ledger may hear of a version after its readers.
    if batch.config_version > snapshot.version
        && let Err(error) = refresh(home).await
    {
        let line =
            Line::new(Level::Warn, "config", "config_unavailable", "CFG: a newer configuration could not be read");
        home.journal().log(line.with_cause(&error));
    }
    Ok(batch)
}

/// Runs one leased item to its end. Never fails: what goes wrong is on record, or its lease runs out and it is due again.
pub async fn run<H: Home>(home: &H, lease: Lease) {
    run_within(home, lease, &Places::unlimited()).await;
}

/// Runs one leased item with as many requests under way as there are places, shared with other items.
pub(super) async fn run_within<H: Home>(home: &H, lease: Lease, places: &Places) {
    match &lease.work {
        Work::Process => process(home, &lease.token, &lease.mail, places).await,
        Work::Deliver(job) => deliver(home, &lease.token, &lease.mail, job, places).await,
    }
}

/// Runs `work` while renewing its lease. A lease that was lost does not stop the work: the request is on its way, and its
/// outcome is worth recording. Nor does a ledger that takes its time: the exchange goes on meanwhile.
pub(super) async fn while_renewing<H: Home, T>(home: &H, token: &LeaseToken, work: impl Future<Output = T>) -> T {
    match select(pin!(work), pin!(renew_for_ever(home, token))).await {
        Either::Left((done, _)) => done,
        Either::Right((never, _)) => match never {},
    }
}

async fn renew_for_ever<H: Home>(home: &H, token: &LeaseToken) -> Infallible {
    loop {
        home.clock().sleep(RENEW_EVERY).await;
        if let Err(error) = home.ledger().renew(token).await {
            let line = Line::new(Level::Warn, "deliver", error.code(), "LEASE: not renewed");
            home.journal().log(line.with_cause(&error));
        }
    }
}
