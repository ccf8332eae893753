//! Finding out what Redis would do with what it takes. Nothing is assumed to be allowed but `INFO`.

use super::verdict::{Failover, Found, Fsync, WaitAof};
use crate::redis::facts::Facts;
use crate::redis::link::{Link, LinkError};
use redis::Value;
use std::collections::HashMap;

/// Looks at the present server. Gives the number of the connections it was looked at on.
pub(super) async fn look(link: &Link) -> Result<(u64, Found), LinkError> {
    let number = link.number()?;
    let info = link.command(&redis::cmd("INFO")).await?;
    let info: String = redis::from_redis_value(info).map_err(|error| LinkError::Unexpected(error.to_string()))?;
    let facts = Facts::read(&info).ok_or_else(|| LinkError::Unexpected("no facts".to_owned()))?;
    let (sync, wait) = (sync(link).await?, wait(link).await?);
    // All three are of one server.
    if link.number()? != number {
        return Err(LinkError::Unavailable("Redis was connected anew meanwhile".to_owned()));
    }
    let failover = if link.fails_over() { Failover::BySentinel } else { Failover::None };
    Ok((number, Found { facts, sync, wait, failover }))
}

/// The answer to a question that a server may not know or not allow: then `None`. One that did not answer has not said that.
fn if_allowed(answer: Result<Value, LinkError>) -> Result<Option<Value>, LinkError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(LinkError::Refused(_) | LinkError::Unexpected(_)) => Ok(None),
        Err(error @ (LinkError::Unavailable(_) | LinkError::Newer | LinkError::Full)) => Err(error),
    }
}

async fn sync(link: &Link) -> Result<Fsync, LinkError> {
    let mut question = redis::cmd("CONFIG");
    question.arg("GET").arg("appendfsync");
    let answer = if_allowed(link.command(&question).await)?;
    let values = answer.and_then(|answer| redis::from_redis_value::<HashMap<String, String>>(answer).ok());
    Ok(match values.as_ref().and_then(|values| values.get("appendfsync")).map(String::as_str) {
        Some("always") => Fsync::Always,
        Some("everysec") => Fsync::EverySecond,
        Some("no") => Fsync::Never,
        _ => Fsync::Unknown,
    })
}

/// Asks for nothing, which is answered at once where the command is known and allowed.
async fn wait(link: &Link) -> Result<WaitAof, LinkError> {
    let mut question = redis::cmd("WAITAOF");
    question.arg(0).arg(0).arg(1);
    let answer = if_allowed(link.command(&question).await)?;
    Ok(if answer.is_some() { WaitAof::Present } else { WaitAof::Absent })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else a Redis that is slow for a moment would be said to be set wrongly, and take no mail for a minute.
    #[test]
    fn what_is_not_answered_is_not_a_refusal() {
        let said = String::new;
        assert_eq!(if_allowed(Ok(Value::Okay)), Ok(Some(Value::Okay)));
        for refusal in [LinkError::Refused(said()), LinkError::Unexpected(said())] {
            assert_eq!(if_allowed(Err(refusal)), Ok(None));
        }
        for failure in [LinkError::Unavailable(said()), LinkError::Full, LinkError::Newer] {
            assert_eq!(if_allowed(Err(failure.clone())), Err(failure));
        }
    }
}
