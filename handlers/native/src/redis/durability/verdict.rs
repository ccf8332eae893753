//! Whether what Redis takes would outlive a power cut: one pure function of what was found.

use crate::redis::facts::{AppendLog, Facts, Role};
use std::fmt;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// What the server says of itself.
    pub(super) facts: Facts,
    /// When it brings its log to the disk.
    pub(super) sync: Fsync,
    /// Whether it can be asked to wait for that.
    pub(super) wait: WaitAof,
    /// What may become of it.
    pub(super) failover: Failover,
}

/// When the log is brought to the disk (`appendfsync`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fsync {
    /// Before each answer.
    Always,
    /// Before each answer, but not while the log is rewritten (`no-appendfsync-on-rewrite`).
    NotWhileRewritten,
    /// Once a second.
    EverySecond,
    /// When the system likes.
    Never,
    /// The user may not ask.
    Unknown,
}

/// Whether there is a `WAITAOF`: Redis 7.2, Valkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitAof {
    Present,
    Absent,
}

/// Whether a replica may take the server's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failover {
    /// Sentinels see to it.
    BySentinel,
    /// Not that we know.
    None,
}

/// Whether mails may be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// What is answered is on the disk.
    Full,
    /// It is once that was waited for.
    ByBarrier(Waits),
    /// It may be lost.
    NotDurable(Weakness),
}

/// What is waited for before a mail is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// The server's own disk.
    Disk,
    /// A replica's memory.
    Replica,
    /// Both.
    DiskAndReplica,
}

/// Why what is taken may be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weakness {
    /// Nothing can be written there.
    Replica,
    /// Keys are thrown away when memory is full, by that policy; `None`: it is not known.
    Evicts(Option<String>),
    /// There is no log.
    NoLog,
    /// The log cannot be written.
    LogFailing,
    /// The log was switched on a moment ago, and is none yet.
    LogBegun,
    /// The log is synced after the answer, and that cannot be waited for.
    SyncedLater,
    /// The log is not synced while it is rewritten, and that cannot be waited for.
    SyncPaused,
    /// The log is never synced.
    NeverSynced,
    /// Neither is known when it is synced, nor can it be waited for.
    SyncUnknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("what is answered is on its disk"),
            Self::ByBarrier(Waits::Disk) => f.write_str("each mail waits for its disk (WAITAOF)"),
            Self::ByBarrier(Waits::Replica) => f.write_str("each mail waits for a replica (WAIT)"),
            Self::ByBarrier(Waits::DiskAndReplica) => {
                f.write_str("each mail waits for its disk (WAITAOF) and a replica (WAIT)")
            }
            Self::NotDurable(weakness) => weakness.fmt(f),
        }
    }
}

impl fmt::Display for Weakness {
    /// The cause, then the remedy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = match self {
            Self::Evicts(Some(policy)) => {
                return write!(
                    f,
                    "Redis drops keys when its memory is full (maxmemory-policy {policy}): {}",
                    self.remedy()
                );
            }
            Self::Evicts(None) => "Redis does not say whether it drops keys when its memory is full",
            Self::Replica => "Redis is a replica",
            Self::NoLog => "Redis writes no append-only file",
            Self::LogFailing => "Redis cannot write its append-only file",
            Self::LogBegun => "Redis is making its append-only file",
            Self::SyncedLater => "Redis syncs its append-only file once a second and has no WAITAOF",
            Self::SyncPaused => {
                "Redis does not sync its append-only file while it is rewritten (no-appendfsync-on-rewrite yes)"
            }
            Self::NeverSynced => "Redis never syncs its append-only file (appendfsync no)",
            Self::SyncUnknown => "Redis does not say when it syncs its append-only file and has no WAITAOF",
        };
        write!(f, "{cause}: {}", self.remedy())
    }
}

impl Weakness {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Replica => "let REDIS_URL name the primary, or the Sentinels that know it",
            Self::Evicts(_) => "set maxmemory-policy noeviction",
            Self::NoLog => "set appendonly yes and appendfsync always",
            Self::LogFailing => "look at its disk and its log",
            Self::LogBegun => "wait until its first rewrite is done",
            Self::SyncedLater | Self::NeverSynced => "set appendfsync always, or everysec with Redis 7.2 or Valkey",
            Self::SyncPaused => "set no-appendfsync-on-rewrite no",
            Self::SyncUnknown => "allow the user +config|get, or use Redis 7.2 or Valkey",
        }
    }
}

impl Found {
    /// Whether mails may be taken.
    pub(super) fn verdict(&self) -> Verdict {
        let facts = &self.facts;
        if facts.role == Role::Replica {
            return Verdict::NotDurable(Weakness::Replica);
        }
        if facts.eviction.as_deref() != Some("noeviction") {
            return Verdict::NotDurable(Weakness::Evicts(facts.eviction.clone()));
        }
        let disk = match (facts.log, self.sync, self.wait) {
            (AppendLog::Off, _, _) => Err(Weakness::NoLog),
            (AppendLog::Failing, _, _) => Err(Weakness::LogFailing),
            (AppendLog::Begun, Fsync::Always | Fsync::EverySecond | Fsync::Unknown, WaitAof::Present) => Ok(Some(())),
            (AppendLog::Begun, _, _) => Err(Weakness::LogBegun),
            (AppendLog::Written, Fsync::Always, _) => Ok(None),
            (AppendLog::Written, Fsync::EverySecond | Fsync::NotWhileRewritten | Fsync::Unknown, WaitAof::Present) => {
                Ok(Some(()))
            }
            (AppendLog::Written, Fsync::NotWhileRewritten, WaitAof::Absent) => Err(Weakness::SyncPaused),
            (AppendLog::Written, Fsync::EverySecond, WaitAof::Absent) => Err(Weakness::SyncedLater),
            (AppendLog::Written, Fsync::Unknown, WaitAof::Absent) => Err(Weakness::SyncUnknown),
            (AppendLog::Written, Fsync::Never, _) => Err(Weakness::NeverSynced),
        };
        match (disk, self.failover == Failover::BySentinel && facts.replicas > 0) {
            (Err(weakness), _) => Verdict::NotDurable(weakness),
            (Ok(None), false) => Verdict::Full,
            (Ok(None), true) => Verdict::ByBarrier(Waits::Replica),
            (Ok(Some(())), false) => Verdict::ByBarrier(Waits::Disk),
            (Ok(Some(())), true) => Verdict::ByBarrier(Waits::DiskAndReplica),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::facts::Mode;

    /// What is otherwise than good, and what follows.
    type Row<'a> = (&'a dyn Fn(&mut Found), Verdict);

    fn good() -> Found {
        let facts = Facts {
            version: (7, 0),
            mode: Mode::Standalone,
            run: "5f1c".to_owned(),
            role: Role::Primary,
            replicas: 0,
            loading: false,
            log: AppendLog::Written,
            eviction: Some("noeviction".to_owned()),
        };
        Found { facts, sync: Fsync::Always, wait: WaitAof::Absent, failover: Failover::None }
    }

    #[test]
    fn each_way_to_lose_a_mail_is_seen() {
        use Failover::BySentinel;
        use Fsync::{EverySecond, Never, NotWhileRewritten, Unknown};
        use WaitAof::{Absent, Present};
        let evicts = |policy: &str| Verdict::NotDurable(Weakness::Evicts(Some(policy.to_owned())));
        let lost = Verdict::NotDurable;
        let table: [Row<'_>; 25] = [
            (&|_| {}, Verdict::Full),
            (&|it| it.wait = Present, Verdict::Full),
            (&|it| (it.sync, it.wait) = (EverySecond, Present), Verdict::ByBarrier(Waits::Disk)),
            (&|it| (it.sync, it.wait) = (Unknown, Present), Verdict::ByBarrier(Waits::Disk)),
            (&|it| (it.sync, it.wait) = (EverySecond, Absent), lost(Weakness::SyncedLater)),
            (&|it| (it.sync, it.wait) = (Unknown, Absent), lost(Weakness::SyncUnknown)),
            (&|it| (it.sync, it.wait) = (NotWhileRewritten, Present), Verdict::ByBarrier(Waits::Disk)),
            (&|it| (it.sync, it.wait) = (NotWhileRewritten, Absent), lost(Weakness::SyncPaused)),
            (&|it| (it.sync, it.wait) = (Never, Absent), lost(Weakness::NeverSynced)),
            (&|it| (it.sync, it.wait) = (Never, Present), lost(Weakness::NeverSynced)),
            (&|it| it.facts.log = AppendLog::Off, lost(Weakness::NoLog)),
            (&|it| (it.facts.log, it.wait) = (AppendLog::Off, Present), lost(Weakness::NoLog)),
            (&|it| it.facts.log = AppendLog::Begun, lost(Weakness::LogBegun)),
            (&|it| (it.facts.log, it.wait) = (AppendLog::Begun, Present), Verdict::ByBarrier(Waits::Disk)),
            (&|it| it.facts.log = AppendLog::Failing, lost(Weakness::LogFailing)),
            (&|it| it.facts.role = Role::Replica, lost(Weakness::Replica)),
            (&|it| it.facts.eviction = Some("allkeys-lru".to_owned()), evicts("allkeys-lru")),
            (&|it| it.facts.eviction = Some("volatile-ttl".to_owned()), evicts("volatile-ttl")),
            (&|it| it.facts.eviction = None, lost(Weakness::Evicts(None))),
            (&|it| it.failover = BySentinel, Verdict::Full),
            (&|it| it.facts.replicas = 1, Verdict::Full),
            (&|it| (it.failover, it.facts.replicas) = (BySentinel, 1), Verdict::ByBarrier(Waits::Replica)),
            (
                &|it| (it.failover, it.facts.replicas, it.sync, it.wait) = (BySentinel, 2, EverySecond, Present),
                Verdict::ByBarrier(Waits::DiskAndReplica),
            ),
            (
                &|it| (it.failover, it.facts.replicas, it.sync) = (BySentinel, 2, EverySecond),
                lost(Weakness::SyncedLater),
            ),
            (&|it| (it.failover, it.facts.role) = (BySentinel, Role::Replica), lost(Weakness::Replica)),
        ];
        for (n, (change, expected)) in table.into_iter().enumerate() {
            let mut found = good();
            change(&mut found);
            assert_eq!(found.verdict(), expected, "row {n}: {found:?}");
        }
    }

    #[test]
    fn each_weakness_names_its_remedy() {
        for (weakness, remedy) in [
            (Weakness::Replica, "REDIS_URL"),
            (Weakness::Evicts(None), "noeviction"),
            (Weakness::Evicts(Some("allkeys-lru".to_owned())), "noeviction"),
            (Weakness::NoLog, "appendonly yes"),
            (Weakness::LogFailing, "disk"),
            (Weakness::LogBegun, "first rewrite"),
            (Weakness::SyncedLater, "appendfsync always"),
            (Weakness::NeverSynced, "appendfsync always"),
            (Weakness::SyncPaused, "no-appendfsync-on-rewrite no"),
            (Weakness::SyncUnknown, "+config|get"),
        ] {
            assert!(weakness.to_string().contains(remedy), "{weakness}");
        }
    }
}
