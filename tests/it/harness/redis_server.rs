//! A redis-server of the tests' own: in a folder of its own, on a socket in that folder, and never one that was there before.
#![allow(dead_code, unused_imports, reason = "the unit tests and the black-box suite each use a part of it")]
#![allow(clippy::disallowed_methods, reason = "a test waits by the system's clock")]

#[path = "watchdog.rs"]
mod watchdog;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
pub(crate) use watchdog::Watchdog;

/// The settings under which nothing acknowledged is lost.
pub(crate) const DURABLE: &[&str] =
    &["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];

/// A server that synchronises its file once a second: durable only where each write can be waited for.
pub(crate) const EVERYSEC: &[&str] =
    &["--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"];

/// A server that runs until it is dropped.
pub(crate) struct RedisServer {
    program: PathBuf,
    folder: tempfile::TempDir,
    settings: Vec<String>,
    process: Mutex<Option<(Child, Watchdog)>>,
}

impl RedisServer {
    /// Starts one. `settings` are arguments of redis-server.
    pub(crate) fn start(settings: &[&str]) -> Self {
        Self::of(PathBuf::from("redis-server"), settings)
    }

    /// Starts one that knows `WAITAOF`. `None`, and a line that says so, only when this run was told that it cannot have one.
    pub(crate) fn with_waitaof(settings: &[&str]) -> Option<Self> {
        if asked("WITHOUT_WAITAOF") {
            println!("LEFT OUT: WITHOUT_WAITAOF is set, and this test needs a server with WAITAOF");
            return None;
        }
        Some(Self::of(program_with_waitaof(), settings))
    }

    /// Starts one that does not know `WAITAOF`, whatever its version.
    pub(crate) fn without_waitaof(settings: &[&str]) -> Self {
        let program = PathBuf::from("redis-server");
        let renamed: &[&str] =
            if version(&program) >= Some((7, 2)) { &["--rename-command", "WAITAOF", ""] } else { &[] };
        Self::of(program, &[settings, renamed].concat())
    }

    fn of(program: PathBuf, settings: &[&str]) -> Self {
        let server = Self {
            program,
            folder: tempfile::tempdir().unwrap(),
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            process: Mutex::new(None),
        };
        server.run();
        server
    }

    /// Where it is reached.
    pub(crate) fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// The same, as a path.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Starts the process over what its folder holds.
    pub(crate) fn run(&self) {
        let child = Command::new(&self.program)
            .args(["--port", "0", "--save", "", "--daemonize", "no", "--unixsocket"])
            .arg(self.socket())
            .arg("--dir")
            .arg(self.folder.path())
            .args(&self.settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}: run scripts/setup core", self.program.display()));
        let (pid, watchdog) = (child.id(), Watchdog::over(&child, self.folder.path()));
        *self.process.lock().unwrap() = Some((child, watchdog));
        self.wait_until_it_answers(pid);
    }

    /// Ends the process at once, as a power cut would.
    pub(crate) fn kill(&self) {
        if let Some((mut child, _watchdog)) = self.process.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// What becomes of it when the tests are killed: whether anything is left.
    pub(crate) fn outlives_its_tests(&self) -> bool {
        let (mut child, watchdog) = self.process.lock().unwrap().take().expect("it runs");
        watchdog.bite();
        std::thread::sleep(Duration::from_millis(50));
        let runs = child.try_wait().unwrap().is_none();
        if runs {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        runs || self.folder.path().exists()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.lock().unwrap().as_ref().expect("it runs").0.id()
    }

    /// Ends the process, and starts another over an empty folder.
    pub(crate) fn lose_everything(&self) {
        self.kill();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }.unwrap();
        }
        self.run();
    }

    /// Stops the process where it is: connections stay open, and nothing is answered until [`thaw`](Self::thaw).
    pub(crate) fn freeze(&self) {
        self.signal(rustix::process::Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal(rustix::process::Signal::CONT);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let slot = self.process.lock().unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_child(&slot.as_ref().expect("it runs").0), signal)
            .unwrap();
    }

    /// Asks it something, on a connection of its own.
    pub(crate) fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = redis::Cmd::new();
        command.arg(words);
        let mut connection = redis::Client::open(self.url()).unwrap().get_connection().unwrap();
        command.query(&mut connection).unwrap()
    }

    /// The server that answers must be the one that was started here.
    fn wait_until_it_answers(&self, pid: u32) {
        let client = redis::Client::open(self.url()).unwrap();
        let start = Instant::now();
        loop {
            let info =
                client.get_connection().and_then(|mut connection| redis::cmd("INFO").query::<String>(&mut connection));
            match info {
                Ok(info) if info.contains("loading:1") => {}
                Ok(info) => {
                    assert!(info.contains(&format!("process_id:{pid}\r\n")), "somebody else's server answers: {info}");
                    return;
                }
                Err(error) => {
                    assert!(start.elapsed() < Duration::from_secs(20), "redis-server does not answer: {error}");
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Where `scripts/setup core` looks, in the same order.
fn program_with_waitaof() -> PathBuf {
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.toolchain/valkey/valkey-server");
    let programs = [unpacked, PathBuf::from("valkey-server"), PathBuf::from("redis-server")];
    let found = programs.into_iter().find(|program| version(program) >= Some((7, 2)));
    found.expect(
        "no server with WAITAOF (Valkey, or Redis 7.2 or newer): run scripts/setup core, or set WITHOUT_WAITAOF=1",
    )
}

/// Major and minor: `Redis server v=7.0.15 sha=…`.
fn version(program: &Path) -> Option<(u32, u32)> {
    let said = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let mut numbers = said.split_once(" v=")?.1.split(['.', ' ']).map_while(|number| number.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

fn asked(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| !value.is_empty())
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
