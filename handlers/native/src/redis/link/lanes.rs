//! Connections to one server, opened together and given up together: they lead to the same place.

use super::LinkError;
use super::places::Size;
use super::servers::Servers;
use crate::redis::facts::{Facts, Role};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ConnectionAddr, RedisResult, Value};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// The time of opening a connection, name, TLS and login included; then of the first question.
pub(super) const CONNECT: Duration = Duration::from_secs(2);

/// How exactly silence is measured.
const TICK: Duration = Duration::from_millis(200);

/// Connections for small calls and for large ones, taken in turn. Redis reads a little of each and then syncs its log once for what
/// it has read: more of them are more mails in one sync.
const SMALL_LANES: usize = 8;
const LARGE_LANES: usize = 2;

/// Connections to one server, that many callers share.
pub(super) struct Lanes {
    /// Which ones they are, counted from 1.
    pub(super) number: u64,
    /// What the server was when they were opened.
    pub(super) facts: Facts,
    client: Client,
    small: Vec<Lane>,
    large: Vec<Lane>,
    turn: AtomicUsize,
    ticker: Ticker,
}

/// One connection.
pub(super) struct Lane {
    connection: MultiplexedConnection,
    /// At which tick something was answered last.
    heard: AtomicU64,
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
            LinkError::Full | LinkError::Newer | LinkError::Refused(_) | LinkError::Unexpected(_) => {
                Self::Down(error.to_string())
            }
        }
    }
}

impl Lanes {
    /// Opens them all, to a server that the stores can be on; behind Sentinels, to a primary only.
    pub(super) async fn open(servers: &Servers, address: ConnectionAddr, number: u64) -> Result<Self, Outage> {
        let client = servers.client(address)?;
        let first = Lane::open(&client).await?;
        let facts = in_time(facts(&first)).await?;
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
            small.push(Lane::open(&client).await?);
        }
        let mut large = vec![first];
        while large.len() < LARGE_LANES {
            large.push(Lane::open(&client).await?);
        }
        Ok(Self { number, facts, client, small, large, turn: AtomicUsize::new(0), ticker: Ticker::start() })
    }

    /// The connection for a call of that size. `None` never comes: there are some of each.
    pub(super) fn lane(&self, size: Size) -> Option<&Lane> {
        let lanes = match size {
            Size::Small => &self.small,
            Size::Large => &self.large,
        };
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        lanes.get(turn.checked_rem(lanes.len())?)
    }

    /// Remembers that a connection answered.
    pub(super) fn heard(&self, lane: &Lane) {
        lane.heard.fetch_max(self.ticker.now(), Ordering::Relaxed);
    }

    /// For how long a connection has been silent, to within a tick.
    pub(super) fn silence(&self, lane: &Lane) -> Duration {
        let ticks = self.ticker.now().saturating_sub(lane.heard.load(Ordering::Relaxed));
        TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
    }

    /// How the same server is reached.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}

/// Counts the time in which this process was able to listen: one that does not get to run cannot tell that a server is silent.
struct Ticker {
    ticks: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Ticker {
    fn start() -> Self {
        let ticks = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&ticks);
        let task = tokio::spawn(async move {
            loop {
                sleep(TICK).await;
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { ticks, task }
    }

    fn now(&self) -> u64 {
        self.ticks.load(Ordering::Relaxed)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Lane {
    async fn open(client: &Client) -> Result<Self, LinkError> {
        Ok(Self { connection: connection(client).await?, heard: AtomicU64::new(0) })
    }

    /// Sends a command and waits for its answer, for as long as it takes.
    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        self.connection.clone().send_packed_command(command).await?.extract_error()
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

async fn facts(lane: &Lane) -> Result<Facts, LinkError> {
    let answer = redis::cmd("INFO").query_async(&mut lane.connection.clone()).await;
    let info: String = answer.map_err(|error| LinkError::from(&error))?;
    Facts::read(&info).ok_or_else(|| LinkError::Unexpected("something else than what INFO gives".to_owned()))
}
