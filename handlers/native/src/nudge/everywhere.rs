//! Nudges to the other servers on a Redis, and theirs: one channel.

use crate::redis::{LEDGER_PREFIX, Link, LinkError};
use crate::stores::Log;
use crate::system::SystemEntropy;
use futures_util::StreamExt as _;
use render_signal::ports::{Level, Line};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// However much there is to tell, the others are told at most once in this time.
const AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// A subscription is made within this time, or given up.
const SUBSCRIBE: Duration = Duration::from_secs(2);

/// The pause before the next attempt.
const PAUSE: Duration = Duration::from_secs(1);

/// Attempts in a row, each over connections that work, before it is said that they fail. A Redis that goes away is noticed sooner,
/// and is told elsewhere.
const TOLERATED: u32 = 10;

/// The two tasks; they end with it.
#[derive(Debug)]
pub(super) struct Everywhere {
    link: Link,
    own: String,
    news: Arc<Notify>,
    tasks: [JoinHandle<()>; 2],
}

impl Everywhere {
    /// Tells the others of what `tell` is called for, and wakes `here` for what they tell.
    pub(super) fn start(link: Link, here: Arc<Notify>, log: Log) -> Self {
        let news = Arc::<Notify>::default();
        // What tells the nudges of this process from those of others.
        let own = SystemEntropy::token().unwrap_or_default();
        let publisher = tokio::spawn(publish(link.clone(), Arc::clone(&news), own.clone()));
        let subscriber = tokio::spawn(listen(link.clone(), here, own.clone(), log));
        Self { link, own, news, tasks: [publisher, subscriber] }
    }

    /// There is something due. Returns at once.
    pub(super) fn tell(&self) {
        self.news.notify_one();
    }

    /// The same at once, for a process that has no time left. Returns when it is done.
    pub(super) async fn tell_now(&self) {
        tell(&self.link, &self.own).await;
    }
}

impl Drop for Everywhere {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn publish(link: Link, news: Arc<Notify>, own: String) {
    loop {
        news.notified().await;
        tell(&link, &own).await;
        sleep(AT_MOST_EVERY).await;
    }
}

/// Under the prefix of the ledger's keys, as the rights of a user are.
fn channel() -> String {
    format!("{LEDGER_PREFIX}nudge")
}

/// Nobody is told of a failure: the others look by themselves.
async fn tell(link: &Link, own: &str) {
    let _ = link.command(redis::cmd("PUBLISH").arg(channel()).arg(own)).await;
}

/// Listens for ever, on a connection of its own.
async fn listen(link: Link, here: Arc<Notify>, own: String, log: Log) {
    let mut failed = Failed { number: 0, times: 0 };
    loop {
        let number = link.connected_anew(0).await;
        let begun = Instant::now();
        tokio::select! {
            // Connections were lost and opened again, perhaps to another server.
            _ = link.connected_anew(number) => {}
            Err(cause) = subscription(&link, &here, &own) => {
                if failed.again(number, begun.elapsed()) == TOLERATED {
                    let msg = "NUDGE: what other servers take is noticed late here";
                    log(Line::new(Level::Warn, "queue", "nudges_unavailable", msg).with_cause(&cause));
                }
                sleep(PAUSE).await;
            }
        }
    }
}

/// How often in a row it could not be listened, while the connections stayed the same.
struct Failed {
    number: u64,
    times: u32,
}

impl Failed {
    /// Once more, after so long. What lasted longer than a subscription takes to make was one.
    fn again(&mut self, number: u64, lasted: Duration) -> u32 {
        let in_a_row = number == self.number && lasted <= 2 * SUBSCRIBE;
        let times = if in_a_row { self.times.saturating_add(1) } else { 1 };
        *self = Self { number, times };
        times
    }
}

/// Listens until the connection ends.
async fn subscription(link: &Link, here: &Notify, own: &str) -> Result<(), String> {
    let subscribe = async {
        let client = link.client().map_err(|error: LinkError| error.to_string())?;
        let mut connection = client.get_async_pubsub().await.map_err(|error| category(&error))?;
        connection.subscribe(channel()).await.map_err(|error| category(&error))?;
        Ok::<_, String>(connection)
    };
    let connected = timeout(SUBSCRIBE, subscribe).await;
    let mut connection = connected.map_err(|_| format!("no subscription within {SUBSCRIBE:?}"))??;
    // Something may have been told before.
    here.notify_one();
    let mut messages = connection.on_message();
    while let Some(message) = messages.next().await {
        if message.get_payload_bytes() != own.as_bytes() {
            here.notify_one();
        }
    }
    Err("the connection ended".to_owned())
}

/// What a message may say of an error: it quotes nothing.
fn category(error: &redis::RedisError) -> String {
    LinkError::from(error).to_string()
}
