//! Finding out what Redis would do with what it takes. Nothing is assumed to be allowed but `INFO`.

use super::verdict::{Failover, Found, Fsync, WaitAof};
use crate::redis::facts::Facts;
use crate::redis::link::{Link, LinkError};
use redis::Value;
use std::collections::HashMap;

/// With it not even `always` syncs while the log is rewritten.
const NOT_WHILE_REWRITTEN: &str = "no-appendfsync-on-rewrite";

/// Looks at the present server. Gives the number of the connections it was looked at on.
pub(super) async fn look(link: &Link) -> Result<(u64, Found), LinkError> {
    let number = link.number()?;
    let info = link.command(&redis::cmd("INFO")).await?;
    let info: String = redis::from_redis_value(info).map_err(|error| LinkError::Unexpected(error.to_string()))?;
    let facts = Facts::read(&info).ok_or_else(|| LinkError::Unexpected("no facts".to_owned()))?;
    let sync = sync(link).await?;
    let wait = wait(link).await?;
    if link.number()? != number {
        return Err(LinkError::Unavailable("Redis was connected anew meanwhile".to_owned()));
    }
    let failover = if link.fails_over() { Failover::BySentinel } else { Failover::None };
    Ok((number, Found { facts, sync, wait, failover }))
}

/// A question that was refused is not one that was not answered: only the first says something of the server.
async fn asked(link: &Link, question: &redis::Cmd) -> Result<Option<Value>, LinkError> {
    match link.command(question).await {
        Ok(answer) => Ok(Some(answer)),
        Err(LinkError::Refused(_) | LinkError::Unexpected(_)) => Ok(None),
        Err(error @ (LinkError::Unavailable(_) | LinkError::Newer | LinkError::Full)) => Err(error),
    }
}

async fn sync(link: &Link) -> Result<Fsync, LinkError> {
    let mut question = redis::cmd("CONFIG");
    question.arg("GET").arg("appendfsync").arg(NOT_WHILE_REWRITTEN);
    let Some(answer) = asked(link, &question).await? else { return Ok(Fsync::Unknown) };
    let values = redis::from_redis_value::<HashMap<String, String>>(answer).unwrap_or_default();
    let value = |name| values.get(name).map(String::as_str);
    Ok(match value("appendfsync") {
        Some("always") if value(NOT_WHILE_REWRITTEN) == Some("yes") => Fsync::NotWhileRewritten,
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
    Ok(asked(link, &question).await?.map_or(WaitAof::Absent, |_| WaitAof::Present))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::server::{DURABLE, RedisServer};

    #[tokio::test]
    async fn a_question_that_is_not_answered_says_nothing_of_the_server() {
        let server = RedisServer::without_waitaof(DURABLE);
        let link = Link::open(&server.url()).await.unwrap();
        assert_eq!((sync(&link).await, wait(&link).await), (Ok(Fsync::Always), Ok(WaitAof::Absent)));
        server.freeze();
        let (sync, wait) = tokio::join!(sync(&link), wait(&link));
        server.thaw();
        assert!(matches!(sync, Err(LinkError::Unavailable(_))), "{sync:?}");
        assert!(matches!(wait, Err(LinkError::Unavailable(_))), "{wait:?}");
    }
}
