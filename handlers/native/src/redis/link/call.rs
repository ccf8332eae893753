//! One call: let in, given a connection, and bounded in time.

use super::keeper::{State, give_up};
use super::lanes::Lanes;
use super::places::{Caller, Size};
use super::{LinkError, Shared};
use crate::redis::facts::Role;
use redis::aio::ConnectionLike;
use redis::{Cmd, ErrorKind, RedisError, RedisFuture, ServerErrorKind, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The time of a call, its wait for a place included; and how much more it has for each MiB that it carries.
const ANSWER: Duration = Duration::from_secs(3);
const FOR_EACH_MIB: Duration = Duration::from_secs(1);

/// Connections that were silent for so long, while a call on them ran out of time, lead nowhere.
const SILENCE: Duration = Duration::from_millis(2_400);

/// One caller, as the client library takes a connection: a script is loaded through it when the server does not know it.
pub(super) struct Call<'a> {
    shared: &'a Shared,
    caller: Caller<'a>,
    /// What went wrong, in our words.
    pub(super) failure: Option<LinkError>,
}

impl<'a> Call<'a> {
    pub(super) fn new(shared: &'a Shared) -> Result<Self, LinkError> {
        shared.lanes()?;
        Ok(Self { shared, caller: shared.places.enter()?, failure: None })
    }

    async fn send(&mut self, command: &Cmd) -> Result<Value, RedisError> {
        match self.answer(command).await {
            Ok(value) => Ok(value),
            Err(Failed::Here(error)) => {
                self.failure = Some(error);
                Err(RedisError::from((ErrorKind::Client, "the call failed on this side")))
            }
            Err(Failed::There(error)) => Err(error),
        }
    }

    async fn answer(&self, command: &Cmd) -> Result<Value, Failed> {
        let bytes = carried(command);
        let limit = ANSWER + FOR_EACH_MIB * u32::try_from(bytes >> 20).unwrap_or(0);
        let deadline = Instant::now() + limit;
        let place = timeout_at(deadline, self.caller.place(bytes)).await.ok().flatten();
        let Some(_place) = place else { return Err(LinkError::unavailable("Redis has too much to do").into()) };
        // There may be others since this call came.
        let lanes = self.shared.lanes()?;
        let lane = lanes.lane(Size::of(bytes)).ok_or_else(|| LinkError::unavailable("Redis has no connection"))?;
        match timeout_at(deadline, lane.send(command)).await {
            Ok(Ok(value)) => {
                lanes.heard(lane);
                Ok(value)
            }
            Ok(Err(error)) => {
                lanes.heard(lane);
                if lost(&error, &lanes) {
                    self.lose(&lanes, &LinkError::from(&error));
                }
                Err(Failed::There(error))
            }
            Err(_) => {
                let error = LinkError::unavailable(format!("Redis does not answer within {limit:?}"));
                // A server that is slow answers something. Cutting it off would lose what it is about to answer, and add what
                // is sent again to its load.
                if lanes.silence(lane) >= SILENCE {
                    self.lose(&lanes, &error);
                }
                Err(error.into())
            }
        }
    }

    fn lose(&self, lanes: &Lanes, error: &LinkError) {
        let cause = match error {
            LinkError::Unavailable(cause) => cause.clone(),
            LinkError::Full | LinkError::Newer | LinkError::Refused(_) | LinkError::Unexpected(_) => error.to_string(),
        };
        give_up(&self.shared.state, lanes.number, cause);
    }
}

/// Where a call failed.
enum Failed {
    /// On this side of the connection.
    Here(LinkError),
    /// On the other, or in between.
    There(RedisError),
}

impl From<LinkError> for Failed {
    fn from(error: LinkError) -> Self {
        Self::Here(error)
    }
}

/// Whether an error means that these connections lead nowhere any more: cut, or to a primary that is none now.
fn lost(error: &RedisError, lanes: &Lanes) -> bool {
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown) => lanes.facts.role == Role::Primary,
        ErrorKind::Server(ServerErrorKind::BusyLoading) => true,
        ErrorKind::Server(_) | ErrorKind::Extension => error.code() == Some("NOAUTH"),
        _ => true,
    }
}

/// How many bytes a command carries.
fn carried(command: &Cmd) -> usize {
    let length = |argument| match argument {
        redis::Arg::Simple(bytes) => <[u8]>::len(bytes),
        _ => 0,
    };
    command.args_iter().map(length).sum()
}

impl ConnectionLike for Call<'_> {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(self.send(command))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        _pipeline: &'a redis::Pipeline,
        _offset: usize,
        _count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        // A step is a script, a look a single command.
        Box::pin(async { Err(RedisError::from((ErrorKind::Client, "there are no pipelines here"))) })
    }

    fn get_db(&self) -> i64 {
        0
    }
}

impl Shared {
    /// The present connections, or at once why there are none.
    pub(super) fn lanes(&self) -> Result<Arc<Lanes>, LinkError> {
        match &*self.state.borrow() {
            State::Up(lanes) => Ok(Arc::clone(lanes)),
            State::Down(Some(outage)) => Err(LinkError::unavailable(outage.to_string())),
            State::Down(None) => Err(LinkError::unavailable("Redis is not connected yet")),
        }
    }
}
