//! The way to a Redis server: a few connections that all callers share, opened again by one task when they are lost.
//!
//! A call has a deadline, and its answer is what the server said: nothing is asked twice here, because a step that was not answered
//! may have been applied. While the server is known to be away calls fail at once; what waits for it is bounded in number and in
//! bytes.

mod call;
mod error;
mod keeper;
mod lanes;
mod places;
mod sentinel;
mod servers;
#[cfg(test)]
mod tests;
mod time;

pub use error::LinkError;
pub use lanes::Outage;
pub use servers::{Servers, UrlError};
pub use time::StoreTime;

use crate::redis::facts::Facts;
use call::Call;
use keeper::State;
use places::Places;
use redis::aio::MultiplexedConnection;
use redis::{Client, ScriptInvocation, Value};
use render_signal::ports::Line;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Where what the operator should know goes.
pub type Log = Arc<dyn Fn(Line) + Send + Sync>;

/// How long [`Link::open`] waits for a connection.
const OPEN: Duration = Duration::from_secs(3);

/// The way to a server, which many callers share. Cheap to clone; the last one dropped closes it.
#[derive(Clone)]
pub struct Link(Arc<Kept>);

struct Kept {
    shared: Shared,
    servers: Servers,
    keeper: JoinHandle<()>,
}

/// What callers share.
struct Shared {
    state: Arc<watch::Sender<State>>,
    places: Places,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link")
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Link {
    /// Begins to connect, and goes on as long as it takes. Must be called inside a tokio runtime.
    pub fn start(servers: Servers, log: Log) -> Self {
        let state = Arc::new(watch::Sender::new(State::Down(None)));
        let keeper = tokio::spawn(keeper::keep(servers.clone(), Arc::clone(&state), log));
        Self(Arc::new(Kept { shared: Shared { state, places: Places::new() }, servers, keeper }))
    }

    /// Connects to the server of a URL, and fails when it does not answer within three seconds.
    pub async fn open(url: &str) -> Result<Self, LinkError> {
        let servers = Servers::parse(url).map_err(|error| LinkError::unavailable(error.to_string()))?;
        let link = Self::start(servers, Arc::new(|_| {}));
        link.connected(OPEN).await.map_err(|outage| LinkError::unavailable(outage.to_string()))?;
        Ok(link)
    }

    /// Waits for a connection. A server that the stores cannot be on ends the wait at once.
    pub async fn connected(&self, longest: Duration) -> Result<(), Outage> {
        let mut changes = self.0.shared.state.subscribe();
        let decided = |state: &State| !matches!(state, State::Down(None | Some(Outage::Down(_))));
        let _ = timeout(longest, changes.wait_for(decided)).await;
        match &*self.0.shared.state.borrow() {
            State::Up(_) => Ok(()),
            State::Down(Some(outage)) => Err(outage.clone()),
            State::Down(None) => Err(Outage::Down("Redis does not answer".to_owned())),
        }
    }

    /// Runs a script: by its digest, and loaded first when the server does not know it.
    pub async fn run(&self, script: &ScriptInvocation<'_>) -> Result<Value, LinkError> {
        let mut call = Call::new(&self.0.shared)?;
        let answer = script.invoke_async(&mut call).await;
        answer.map_err(|error| call.failure.take().unwrap_or_else(|| LinkError::from(&error)))
    }

    /// Runs a single command, which must not be one that waits.
    pub async fn command(&self, command: &redis::Cmd) -> Result<Value, LinkError> {
        let mut call = Call::new(&self.0.shared)?;
        let answer = command.query_async(&mut call).await;
        answer.map_err(|error| call.failure.take().unwrap_or_else(|| LinkError::from(&error)))
    }

    /// Opens a connection of the caller's own to the present server: for commands that wait. Calls on it have no deadline.
    pub async fn own_connection(&self) -> Result<MultiplexedConnection, LinkError> {
        lanes::connection(&self.client()?).await
    }

    /// How the present server is reached: to subscribe to a channel. After a failover it is another one.
    pub fn client(&self) -> Result<Client, LinkError> {
        Ok(self.0.shared.lanes()?.client().clone())
    }

    /// What the present server was when it was connected to; `None` while there is none.
    pub fn facts(&self) -> Option<Facts> {
        self.0.shared.lanes().ok().map(|lanes| lanes.facts.clone())
    }

    /// Which connections are the present ones: the number changes when they were lost and opened again.
    pub fn number(&self) -> Result<u64, LinkError> {
        self.0.shared.lanes().map(|lanes| lanes.number)
    }

    /// Whether Sentinels name the server, so that another one may take its place.
    pub fn fails_over(&self) -> bool {
        self.0.servers.fail_over()
    }

    /// Waits until there are connections, others than the numbered ones (0: any), and gives their number.
    pub async fn connected_anew(&self, known: u64) -> u64 {
        let mut changes = self.0.shared.state.subscribe();
        let newer = |state: &State| matches!(state, State::Up(lanes) if lanes.number != known);
        match changes.wait_for(newer).await.as_deref() {
            Ok(State::Up(lanes)) => lanes.number,
            Ok(State::Down(_)) | Err(_) => known,
        }
    }
}
