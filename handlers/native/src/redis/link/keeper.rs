//! The one task that opens connections, and opens them again after they were lost.

use super::Log;
use super::lanes::{Lanes, Outage};
use super::sentinel::primary;
use super::servers::{Servers, Way};
use render_signal::ports::{Level, Line};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// The pauses between two attempts: doubled from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Whether there are connections.
#[derive(Clone)]
pub(super) enum State {
    /// There are.
    Up(Arc<Lanes>),
    /// There are none; before the first attempt has ended there is no cause either.
    Down(Option<Outage>),
}

/// Gives up these connections, if they are the present ones: what is asked from now on fails at once, until there are new ones.
pub(super) fn give_up(state: &watch::Sender<State>, number: u64, cause: String) {
    state.send_if_modified(|state| match state {
        State::Up(lanes) if lanes.number == number => {
            *state = State::Down(Some(Outage::Down(cause)));
            true
        }
        _ => false,
    });
}

/// Keeps connections open, for ever.
pub(super) async fn keep(servers: Servers, state: Arc<watch::Sender<State>>, log: Log) {
    let mut changes = state.subscribe();
    let mut news = News { log, since: None, said: None };
    let mut pause = FIRST_PAUSE;
    for number in 1.. {
        match open(&servers, number).await {
            Ok(lanes) => {
                news.up();
                let opened = Instant::now();
                state.send_replace(State::Up(Arc::new(lanes)));
                let lost = changes.wait_for(|state| matches!(state, State::Down(_))).await;
                if let Ok(State::Down(Some(outage))) = lost.as_deref() {
                    news.down(outage);
                }
                // A server that takes connections and loses them at once is not asked faster than one that takes none.
                if opened.elapsed() >= LONGEST_PAUSE {
                    pause = FIRST_PAUSE;
                    continue;
                }
            }
            Err(outage) => {
                news.down(&outage);
                state.send_replace(State::Down(Some(outage)));
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn open(servers: &Servers, number: u64) -> Result<Lanes, Outage> {
    let address = match &servers.way {
        Way::Direct(address) => address.clone(),
        Way::Sentinel(sentinels) => primary(servers, sentinels).await?,
    };
    Lanes::open(servers, address, number).await
}

/// What the log is told: when connections are lost, when the cause changes, and when they are back.
struct News {
    log: Log,
    since: Option<Instant>,
    said: Option<Outage>,
}

impl News {
    fn up(&mut self) {
        self.said = None;
        let msg = match self.since.take() {
            Some(since) => format!("REDIS: connected again after {:.1} s", since.elapsed().as_secs_f64()),
            None => "REDIS: connected".to_owned(),
        };
        (self.log)(Line::new(Level::Info, "store", "store_available", msg));
    }

    fn down(&mut self, outage: &Outage) {
        self.since.get_or_insert_with(Instant::now);
        if self.said.as_ref() != Some(outage) {
            self.said = Some(outage.clone());
            (self.log)(
                Line::new(Level::Error, "store", "store_unavailable", "REDIS: no connection").with_cause(outage),
            );
        }
    }
}
