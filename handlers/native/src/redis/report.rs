//! What a server would find at `REDIS_URL`, for `render-signal check`. Looks, and writes nothing.

use super::{Durability, Link, Outage, Servers, Unsupported, UrlError, Volatile};
use render_signal::config::settings::RedisSettings;
use std::sync::Arc;
use std::time::Duration;

/// How long Redis has to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a start would be refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The URL cannot be used.
    #[error("REDIS_URL: {0}")]
    Url(#[from] UrlError),
    /// The server cannot.
    #[error("REDIS_URL: {0}")]
    Unsupported(#[from] Unsupported),
}

/// What a server would find, in a sentence.
pub async fn report(settings: &RedisSettings) -> Result<String, Refused> {
    let link = Link::start(Servers::parse(settings.url.reveal())?, Arc::new(|_| {}));
    match link.connected(PATIENCE).await {
        Ok(()) => {}
        Err(Outage::Unsupported(unsupported)) => return Err(unsupported.into()),
        Err(Outage::Down(cause)) => {
            return Ok(format!("Redis is not there now ({cause}): until it is, mails are answered 503"));
        }
    }
    let volatile = if settings.allow_volatile { Volatile::Allowed } else { Volatile::Refused };
    let durability = Durability::start(link.clone(), "", volatile, Arc::new(|_| {}));
    let Some(verdict) = durability.first(PATIENCE).await else {
        return Ok("Redis answers, but not how it is set".to_owned());
    };
    let taken = if durability.check().is_ok() { "mails are taken" } else { "no mail would be taken" };
    let version = link.facts().map_or_else(String::new, |facts| format!(" {}.{}", facts.version.0, facts.version.1));
    Ok(format!("Redis{version}: {taken}: {verdict}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::server::{DURABLE, EVERYSEC, RedisServer};
    use render_signal::config::{Place, Settings};

    async fn of(url: &str, volatile: &str) -> Result<String, Refused> {
        let pairs = [("REDIS_URL", url), ("ALLOW_VOLATILE_REDIS", volatile)];
        let lookup = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        report(&Settings::read(&lookup, Place::Native).unwrap().server.redis.unwrap()).await
    }

    #[tokio::test]
    async fn each_redis_is_told_in_a_sentence() {
        let server = RedisServer::without_waitaof(DURABLE);
        let told = of(&server.url(), "0").await.unwrap();
        assert!(
            told.starts_with("Redis 7.") && told.ends_with(": mails are taken: what is answered is on its disk"),
            "{told}"
        );
        let server = RedisServer::without_waitaof(EVERYSEC);
        let told = of(&server.url(), "0").await.unwrap();
        assert!(told.contains("no mail would be taken") && told.contains("set appendfsync always"), "{told}");
        let told = of(&server.url(), "1").await.unwrap();
        assert!(told.contains(": mails are taken") && told.contains("set appendfsync always"), "{told}");
        server.kill();
        let told = of(&server.url(), "0").await.unwrap();
        assert!(told.contains("not there now") && told.contains("503"), "{told}");
        let cluster = RedisServer::start(&["--cluster-enabled", "yes"]);
        assert_eq!(of(&cluster.url(), "0").await, Err(Refused::Unsupported(Unsupported::Cluster)));
        let bad = of("redis+sentinel://s3cret@h", "0").await.unwrap_err();
        assert!(bad.to_string().starts_with("REDIS_URL: ") && !bad.to_string().contains("s3cret"), "{bad}");
    }
}
