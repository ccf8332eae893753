//! The way to a Redis server.

use redis::aio::MultiplexedConnection;
use redis::{Client, ScriptInvocation, Value};
use render_signal::calendar::Timestamp;
use render_signal::ledger::LedgerError;
use std::sync::Arc;

/// Whose clock the store goes by.
#[derive(Clone)]
pub enum StoreTime {
    /// The Redis server's.
    Server,
    /// One that a test sets.
    Set(Arc<dyn Fn() -> Timestamp + Send + Sync>),
}

impl std::fmt::Debug for StoreTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Server => "Server",
            Self::Set(_) => "Set",
        })
    }
}

impl StoreTime {
    /// As a script takes it: empty for the server's own clock.
    pub fn argument(&self) -> String {
        match self {
            Self::Server => String::new(),
            Self::Set(time) => time().as_millis().to_string(),
        }
    }
}

/// Why the server did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It did not answer, or not in time. The step may have been applied or not.
    #[error("Redis does not answer: {0}")]
    Unavailable(String),
    /// It has no memory left. Nothing was written.
    #[error("Redis is out of memory")]
    Full,
    /// It answered something that cannot be, or a script of ours failed.
    #[error("Redis answered {0}")]
    Unexpected(String),
}

impl From<LinkError> for LedgerError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Unavailable(cause) => Self::Unavailable(cause),
            LinkError::Full => Self::Full,
            LinkError::Unexpected(cause) => Self::Corrupt(cause),
        }
    }
}

/// A connection that many callers share. Cheap to clone.
#[derive(Clone)]
pub struct Link {
    connection: MultiplexedConnection,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link")
    }
}

impl Link {
    /// Connects.
    pub async fn open(url: &str) -> Result<Self, LinkError> {
        let client = Client::open(url).map_err(|error| unavailable(&error))?;
        Ok(Self { connection: client.get_multiplexed_async_connection().await.map_err(|error| unavailable(&error))? })
    }

    /// Runs a script: by its digest, and loaded first when the server does not know it.
    pub async fn run(&self, script: &ScriptInvocation<'_>) -> Result<Value, LinkError> {
        script.invoke_async(&mut self.connection.clone()).await.map_err(|error| unavailable(&error))
    }

    /// Runs a single command.
    pub async fn command(&self, command: &redis::Cmd) -> Result<Value, LinkError> {
        command.query_async(&mut self.connection.clone()).await.map_err(|error| unavailable(&error))
    }
}

fn unavailable(error: &redis::RedisError) -> LinkError {
    if error.code() == Some("OOM") {
        return LinkError::Full;
    }
    LinkError::Unavailable(error.to_string())
}
