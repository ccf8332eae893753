//! A way to a Redis that can be made bad: what goes through it stops, crawls, or is cut off.

use super::{RedisServer, background};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What the way does to what is sent over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Connections stay open, and nothing comes through.
    Frozen,
    /// Each piece that was read, of at most 16 KiB, waits so long before it goes on.
    Slow(Duration),
    /// A connection over which this word was sent gets no more answers.
    NoAnswerTo(&'static str),
    /// Every connection is closed, and each new one as soon as it is made.
    Refused,
}

/// A socket in a folder of its own that leads to a Redis.
pub(crate) struct FaultProxy {
    folder: tempfile::TempDir,
    fault: watch::Sender<Fault>,
    /// Counts the cuts.
    cuts: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl FaultProxy {
    pub(crate) fn to(redis: &RedisServer) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (fault, faults) = watch::channel(Fault::None);
        let (cuts, cut) = watch::channel(0);
        let listener = std::os::unix::net::UnixListener::bind(folder.path().join("proxy.sock")).unwrap();
        listener.set_nonblocking(true).unwrap();
        let task = background().spawn(serve(listener, redis.socket(), faults, cut));
        Self { folder, fault, cuts, task }
    }

    /// What goes into `REDIS_URL`.
    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.folder.path().join("proxy.sock").display())
    }

    /// From now on, for connections that are there too.
    pub(crate) fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// Closes every connection, once. New ones are served.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: std::os::unix::net::UnixListener,
    upstream: PathBuf,
    fault: watch::Receiver<Fault>,
    cut: watch::Receiver<u64>,
) {
    let listener = UnixListener::from_std(listener).unwrap();
    let mut talks = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while talks.try_join_next().is_some() {}
        talks.spawn(talk(client, upstream.clone(), fault.clone(), cut.clone()));
    }
}

/// One connection, to its end.
async fn talk(
    client: UnixStream,
    upstream: impl AsRef<Path>,
    fault: watch::Receiver<Fault>,
    mut cut: watch::Receiver<u64>,
) {
    cut.mark_unchanged();
    let mut refused = fault.clone();
    let relay = async {
        let Ok(server) = UnixStream::connect(upstream).await else { return };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let unanswered = AtomicBool::new(false);
        tokio::select! {
            () = pump(from_client, to_server, fault.clone(), |now, bytes| {
                if matches!(now, Fault::NoAnswerTo(word) if holds(bytes, word)) {
                    unanswered.store(true, Ordering::SeqCst);
                }
                now != Fault::Frozen
            }) => {}
            () = pump(from_server, to_client, fault, |now, _| {
                now != Fault::Frozen && !(matches!(now, Fault::NoAnswerTo(_)) && unanswered.load(Ordering::SeqCst))
            }) => {}
        }
    };
    tokio::select! {
        () = relay => {}
        _ = cut.changed() => {}
        _ = refused.wait_for(|fault| *fault == Fault::Refused) => {}
    }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// Passes on what it reads, each piece once it may under the fault of the moment.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut fault: watch::Receiver<Fault>,
    may: impl Fn(Fault, &[u8]) -> bool,
) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        let piece = &bytes[..read];
        let Ok(now) = fault.wait_for(|now| may(*now, piece)).await.map(|now| *now) else { return };
        if let Fault::Slow(pause) = now {
            tokio::time::sleep(pause).await;
        }
        if to.write_all(piece).await.is_err() {
            return;
        }
    }
}
