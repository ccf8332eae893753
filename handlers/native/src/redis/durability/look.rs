//! Finding out what Redis would do with what it takes. Nothing is assumed to be allowed but `INFO`.

use super::verdict::{Failover, Found, Fsync, WaitAof};
use crate::redis::facts::Facts;
use crate::redis::link::{Link, LinkError};
use std::collections::HashMap;

/// Looks at the present server. Gives the number of the connections it was looked at on.
pub(super) async fn look(link: &Link) -> Result<(u64, Found), LinkError> {
    let number = link.number()?;
    let info = link.command(&redis::cmd("INFO")).await?;
    let info: String = redis::from_redis_value(info).map_err(|error| LinkError::Unexpected(error.to_string()))?;
    let facts = Facts::read(&info).ok_or_else(|| LinkError::Unexpected("no facts".to_owned()))?;
    let sync = sync(link).await;
    let wait = wait(link).await;
    // Whether these two were refused or lost with the connection cannot be told from their errors.
    if link.number()? != number {
        return Err(LinkError::Unavailable("Redis was connected anew meanwhile".to_owned()));
    }
    let failover = if link.fails_over() { Failover::BySentinel } else { Failover::None };
    Ok((number, Found { facts, sync, wait, failover }))
}

async fn sync(link: &Link) -> Fsync {
    let mut question = redis::cmd("CONFIG");
    question.arg("GET").arg("appendfsync");
    let Ok(answer) = link.command(&question).await else { return Fsync::Unknown };
    let Ok(values) = redis::from_redis_value::<HashMap<String, String>>(answer) else { return Fsync::Unknown };
    match values.get("appendfsync").map(String::as_str) {
        Some("always") => Fsync::Always,
        Some("everysec") => Fsync::EverySecond,
        Some("no") => Fsync::Never,
        _ => Fsync::Unknown,
    }
}

/// Asks for nothing, which is answered at once where the command is known and allowed.
async fn wait(link: &Link) -> WaitAof {
    let mut question = redis::cmd("WAITAOF");
    question.arg(0).arg(0).arg(1);
    if link.command(&question).await.is_ok() { WaitAof::Present } else { WaitAof::Absent }
}
