//! A redis-server of the tests' own: in a folder of its own, on a socket in that folder, and never one that was there before.
#![allow(dead_code, reason = "the unit tests and the black-box suite each use a part of it")]
#![allow(clippy::disallowed_methods, reason = "a test waits by the system's clock")]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The settings under which nothing acknowledged is lost.
pub(crate) const DURABLE: &[&str] =
    &["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"];

/// A server that runs until it is dropped.
pub(crate) struct RedisServer {
    folder: tempfile::TempDir,
    settings: Vec<String>,
    process: Mutex<Option<Child>>,
}

impl RedisServer {
    /// Starts one. `settings` are arguments of redis-server.
    pub(crate) fn start(settings: &[&str]) -> Self {
        let server = Self {
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

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Starts the process over what its folder holds.
    pub(crate) fn run(&self) {
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--daemonize", "no", "--unixsocket"])
            .arg(self.socket())
            .arg("--dir")
            .arg(self.folder.path())
            .args(&self.settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is not installed: run scripts/setup core");
        let pid = child.id();
        *self.process.lock().unwrap() = Some(child);
        self.wait_until_it_answers(pid);
    }

    /// Ends the process at once, as a power cut would.
    pub(crate) fn kill(&self) {
        if let Some(mut child) = self.process.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Its process, to stop and continue it.
    pub(crate) fn pid(&self) -> u32 {
        self.process.lock().unwrap().as_ref().expect("it runs").id()
    }

    /// The server that answers must be the one that was started here.
    fn wait_until_it_answers(&self, pid: u32) {
        let client = redis::Client::open(self.url()).unwrap();
        let start = Instant::now();
        loop {
            let info = client
                .get_connection()
                .and_then(|mut connection| redis::cmd("INFO").arg("server").query::<String>(&mut connection));
            match info {
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

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
