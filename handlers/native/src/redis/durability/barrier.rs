//! Waiting until what was taken is on the disk, and with a replica: once for all mails that came meanwhile.
//!
//! One task, on a connection of its own. It looks whether the mails are on the server that it speaks to (after a failover that is
//! another one than took them), writes one small key, which stands after all of them, and waits for that.

use super::verdict::Waits;
use crate::redis::link::{Link, LinkError};
use redis::Pipeline;
use redis::aio::MultiplexedConnection;
use render_signal::ledger::LedgerError;
use std::future::Future;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Mails that wait, and the most that one round answers.
const WAITING: usize = 4_096;

/// How long Redis waits for its disk (it syncs once a second), and for a replica.
const DISK_MS: u64 = 2_500;
const REPLICA_MS: u64 = 1_000;

/// The time of a whole round.
const ROUND: Duration = Duration::from_secs(5);

/// A mail that waits.
struct Mail {
    /// A key that was written with it.
    key: String,
    waits: Waits,
    answer: oneshot::Sender<Result<(), LinkError>>,
}

/// What mails wait at. Ends its task when it is dropped.
pub(super) struct Barrier {
    queue: mpsc::Sender<Mail>,
    task: JoinHandle<()>,
}

impl Drop for Barrier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Barrier {
    /// `stamp` is the key that the task writes.
    pub(super) fn start(link: Link, stamp: String) -> Self {
        let (queue, mails) = mpsc::channel(WAITING);
        Self { queue, task: tokio::spawn(Rounds { link, stamp, connection: None, count: 0 }.run(mails)) }
    }

    /// Returns once the mail with that key is durable.
    pub(super) async fn pass(&self, key: String, waits: Waits) -> Result<(), LedgerError> {
        let (answer, answered) = oneshot::channel();
        let full = |_| LinkError::Unavailable("too many mails wait for the disk of Redis".to_owned());
        self.queue.try_send(Mail { key, waits, answer }).map_err(full)?;
        let ended = LinkError::Unavailable("the server ends".to_owned());
        Ok(answered.await.map_err(|_| ended)??)
    }
}

struct Rounds {
    link: Link,
    stamp: String,
    connection: Option<(u64, MultiplexedConnection)>,
    count: u64,
}

/// What Redis said in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Confirmed {
    disk: bool,
    replica: bool,
}

impl Rounds {
    async fn run(mut self, mut mails: mpsc::Receiver<Mail>) {
        let mut round = Vec::new();
        while mails.recv_many(&mut round, WAITING).await > 0 {
            let answered = timeout(ROUND, self.round(&round)).await;
            let late =
                || Err(LinkError::Unavailable("Redis did not confirm in time that the mail is durable".to_owned()));
            let answer = answered.unwrap_or_else(|_| late());
            if answer.is_err() {
                self.connection = None;
            }
            for (n, mail) in round.drain(..).enumerate() {
                let own = answer.as_ref().map_err(Clone::clone);
                let own = own.and_then(|(there, confirmed)| judge(there.get(n).copied(), *confirmed, mail.waits));
                // Whoever asked may have gone.
                let _ = mail.answer.send(own);
            }
        }
    }

    /// Which of the mails are there, and what was confirmed of all of them.
    async fn round(&mut self, mails: &[Mail]) -> Result<(Vec<bool>, Confirmed), LinkError> {
        let mut connection = self.connection().await?;
        self.count += 1;
        let disk = mails.iter().any(|mail| mail.waits != Waits::Replica);
        let replica = mails.iter().any(|mail| mail.waits != Waits::Disk);
        let mut commands = Pipeline::new();
        for mail in mails {
            commands.cmd("EXISTS").arg(&mail.key);
        }
        commands.cmd("SET").arg(&self.stamp).arg(self.count).ignore();
        let there: Vec<bool> = asked(commands.query_async(&mut connection)).await?;
        let disk = if disk { Self::disk(&mut connection).await? } else { false };
        let replica = if replica { Self::replica(&mut connection).await? } else { false };
        Ok((there, Confirmed { disk, replica }))
    }

    async fn disk(connection: &mut MultiplexedConnection) -> Result<bool, LinkError> {
        let mut wait = redis::cmd("WAITAOF");
        wait.arg(1).arg(0).arg(DISK_MS);
        let (local, _): (u64, u64) = asked(wait.query_async(connection)).await?;
        Ok(local >= 1)
    }

    async fn replica(connection: &mut MultiplexedConnection) -> Result<bool, LinkError> {
        let mut wait = redis::cmd("WAIT");
        wait.arg(1).arg(REPLICA_MS);
        Ok(asked(wait.query_async::<u64>(connection)).await? >= 1)
    }

    /// The task's own connection, to the present server.
    async fn connection(&mut self) -> Result<MultiplexedConnection, LinkError> {
        let number = self.link.number()?;
        match &self.connection {
            Some((of, connection)) if *of == number => Ok(connection.clone()),
            _ => {
                let connection = self.link.own_connection().await?;
                self.connection = Some((number, connection.clone()));
                Ok(connection)
            }
        }
    }
}

async fn asked<T>(answer: impl Future<Output = redis::RedisResult<T>>) -> Result<T, LinkError> {
    answer.await.map_err(|error| LinkError::from(&error))
}

/// What a round means for one mail.
fn judge(there: Option<bool>, confirmed: Confirmed, waits: Waits) -> Result<(), LinkError> {
    let cause = match (there, confirmed, waits) {
        (Some(false) | None, _, _) => "the mail was lost in a failover, and is not taken",
        (_, Confirmed { disk: false, .. }, Waits::Disk | Waits::DiskAndReplica) => {
            "Redis did not bring the mail to its disk in time"
        }
        (_, Confirmed { replica: false, .. }, Waits::Replica | Waits::DiskAndReplica) => {
            "no replica of Redis has the mail yet"
        }
        _ => return Ok(()),
    };
    Err(LinkError::Unavailable(cause.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_passes_only_with_all_that_it_waits_for() {
        use Waits::{Disk, DiskAndReplica, Replica};
        for (there, disk, replica, waits, passes) in [
            (true, true, false, Disk, true),
            (true, false, true, Disk, false),
            (true, false, true, Replica, true),
            (true, true, false, Replica, false),
            (true, true, true, DiskAndReplica, true),
            (true, false, true, DiskAndReplica, false),
            (true, true, false, DiskAndReplica, false),
            (false, true, true, Disk, false),
            (false, true, true, Replica, false),
        ] {
            let judged = judge(Some(there), Confirmed { disk, replica }, waits);
            assert_eq!(judged.is_ok(), passes, "{there} {disk} {replica} {waits:?}");
        }
        assert!(judge(None, Confirmed { disk: true, replica: true }, Disk).is_err());
    }
}
