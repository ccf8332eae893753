//! Connections to one server, opened together and given up together: they lead to the same place.

use super::LinkError;
use super::places::Size;
use super::servers::Servers;
use crate::redis::facts::{Facts, Role};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr};
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The time of opening a connection, name, TLS and login included; then of the first question.
pub(super) const CONNECT: Duration = Duration::from_secs(1);

/// Connections for small calls, taken in turn. Large ones have one of their own.
const SMALL_LANES: usize = 3;

/// Connections to one server, that many callers share.
pub(super) struct Lanes {
    /// Which ones they are, counted from 1.
    pub(super) number: u64,
    /// What the server was when they were opened.
    pub(super) facts: Facts,
    client: Client,
    small: Vec<MultiplexedConnection>,
    large: MultiplexedConnection,
    turn: AtomicUsize,
}

/// Why there are no connections.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Outage {
    /// The server does not answer, or is not the one to work with now.
    #[error("{0}")]
    Down(String),
    /// It is one that the stores cannot be on.
    #[error(transparent)]
    Unsupported(#[from] crate::redis::facts::Unsupported),
}

impl From<LinkError> for Outage {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Unavailable(cause) => Self::Down(cause),
            LinkError::Full | LinkError::Refused(_) | LinkError::Unexpected(_) => Self::Down(error.to_string()),
        }
    }
}

impl Lanes {
    /// Opens them all, to a server that the stores can be on; behind Sentinels, to a primary only.
    pub(super) async fn open(servers: &Servers, address: ConnectionAddr, number: u64) -> Result<Self, Outage> {
        let client = servers.client(address)?;
        let large = connection(&client).await?;
        let facts = in_time(facts(&large)).await?;
        if let Some(unsupported) = facts.unsupported() {
            return Err(unsupported.into());
        }
        if facts.loading {
            return Err(Outage::Down("Redis is loading its data".to_owned()));
        }
        if servers.fail_over() && facts.role == Role::Replica {
            return Err(Outage::Down("the server that Sentinel names is a replica still".to_owned()));
        }
        let mut small = Vec::with_capacity(SMALL_LANES);
        for _ in 0..SMALL_LANES {
            small.push(connection(&client).await?);
        }
        Ok(Self { number, facts, client, small, large, turn: AtomicUsize::new(0) })
    }

    /// The connection for a call of that size.
    pub(super) fn lane(&self, size: Size) -> MultiplexedConnection {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % SMALL_LANES;
        match (size, self.small.get(turn)) {
            (Size::Small, Some(lane)) => lane.clone(),
            (Size::Large, _) | (_, None) => self.large.clone(),
        }
    }

    /// How the same server is reached.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}

/// Opens one connection.
pub(super) async fn connection(client: &Client) -> Result<MultiplexedConnection, LinkError> {
    // Callers bring their own deadlines.
    let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
    in_time(async {
        let opened = client.get_multiplexed_async_connection_with_config(&config).await;
        opened.map_err(|error| LinkError::from(&error))
    })
    .await
}

/// The answer of a call that belongs to connecting, if it comes in time.
pub(super) async fn in_time<T>(call: impl Future<Output = Result<T, LinkError>>) -> Result<T, LinkError> {
    let answer = tokio::time::timeout(CONNECT, call).await;
    answer.unwrap_or_else(|_| Err(LinkError::unavailable(format!("Redis does not let us in within {CONNECT:?}"))))
}

async fn facts(connection: &MultiplexedConnection) -> Result<Facts, LinkError> {
    let info: String =
        redis::cmd("INFO").query_async(&mut connection.clone()).await.map_err(|error| LinkError::from(&error))?;
    Facts::read(&info).ok_or_else(|| LinkError::Unexpected("something else than what INFO gives".to_owned()))
}
