//! Where a server runs.

use super::redis_server::DURABLE;
use super::{Native, RedisServer, TOKEN, Worker};
use std::sync::{Arc, LazyLock};

/// The settings of every server under test; those of its test come on top.
pub(super) const EVERY_HOME: [(&str, &str); 4] = [
    ("PROCESS_API_TOKEN", TOKEN),
    ("ALLOW_LOOPBACK_TARGETS", "1"),
    ("ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS", "1"),
    ("LOG_LEVEL", "debug"),
];

/// The homes that the suite knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The native server on its own disk.
    Native,
    /// The native server on a Redis.
    Redis,
    Worker,
}

impl Place {
    /// Where this run of the suite has its servers: `TEST_HOME`, natively when it is not set.
    pub(crate) fn of_this_run() -> Self {
        static PLACE: LazyLock<Place> = LazyLock::new(|| match std::env::var("TEST_HOME").as_deref() {
            Err(_) | Ok("" | "native") => Place::Native,
            Ok("redis") => Place::Redis,
            Ok("worker") => Place::Worker,
            Ok(other) => panic!("TEST_HOME is native, redis or worker, not {other}"),
        });
        *PLACE
    }

    /// A home there, not started yet.
    pub(super) fn home(self, settings: &[(&str, &str)]) -> Arc<dyn Home> {
        match self {
            Self::Native => Native::new(settings),
            Self::Redis => Native::on_redis(&Arc::new(RedisServer::start(DURABLE)), settings),
            Self::Worker => Worker::new(settings),
        }
    }
}

/// A place that runs Render Signal over a storage of its own, which outlives [`kill`](Self::kill) and is removed with the home, or
/// with the last of the homes that share it.
pub(crate) trait Home: Send + Sync {
    /// Starts it, over what it kept from before. Returns the base URL, which may change from start to start.
    fn start(&self) -> String;

    /// Ends it at once, as a power cut would. Nothing to do when it does not run.
    fn kill(&self);

    /// Runs one of the operator's commands on its storage: `config set …`, `mails list …`.
    fn operate(&self, arguments: &[&str]) -> Ended;

    /// The log lines so far, over all starts.
    fn log(&self) -> Vec<String>;

    /// The memory that its process has now, in KiB.
    fn resident_kib(&self) -> u64;

    /// The most memory that its process ever had, in KiB.
    fn peak_kib(&self) -> u64;
}

/// What a process or a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Standard output of what must succeed.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }
}
