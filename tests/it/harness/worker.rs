//! The Worker's home: the build of `scripts/build-worker` in workerd, started by `tests/worker/support/serve.mjs`.

use super::home::EVERY_HOME;
use super::objects::ObjectPipe;
use super::process::{Lines, follow, memory_kib, told_after};
use super::{Ended, Home, background};
use crate::secrecy;
use render_signal::config::{Place, Settings};
use render_signal::sql::Remote;
use render_signal_native::cli;
use serde_json::{Value, json};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The name of each of the Worker's objects.
const STORE: &str = "ledger";

/// How often the cron is called: a minute on Cloudflare. It also stands in for the many consumers that Cloudflare starts for one
/// queue: Miniflare has one, which waits for each batch, however slow its receivers are.
const CRON_MS: &str = "1000";

/// Another process of a killed group is gone within this time.
const PATIENCE: Duration = Duration::from_secs(10);

/// A workerd that is killed when this goes, with the node that started it. Its log is then searched for secrets.
pub(crate) struct Worker {
    state: tempfile::TempDir,
    settings: Vec<(String, String)>,
    running: Mutex<Option<Running>>,
    log: Lines,
}

struct Running {
    node: Child,
    /// Where the objects are reached.
    objects: String,
    /// The threads that read what node writes.
    readers: [JoinHandle<()>; 2],
}

impl Worker {
    /// A home that is not started yet.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Arc<Self> {
        let all = EVERY_HOME.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Arc::new(Self {
            state: tempfile::tempdir().unwrap(),
            settings: all.collect(),
            running: Mutex::default(),
            log: Arc::default(),
        })
    }

    fn order(&self) -> Value {
        let vars: Value = self.settings.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        json!({"persist": self.state.path(), "vars": vars, "bindings": *BINDINGS})
    }

    /// What its operator's settings would be.
    fn settings(&self) -> Settings {
        let value = |name: &str| {
            let last = self.settings.iter().rev().find(|(known, _)| known == name)?;
            Some(last.1.clone())
        };
        Settings::read(&value, Place::Worker).unwrap()
    }
}

impl Home for Worker {
    fn start(&self) -> String {
        let mut slot = self.running.lock().unwrap();
        assert!(slot.is_none(), "it runs already");
        let mut node = loaded();
        // The end of this pipe is node's end, should the tests be gone.
        writeln!(node.stdin.as_ref().unwrap(), "{}", self.order()).unwrap();
        let (said, says) = channel();
        let readers = [
            follow(node.stdout.take().unwrap(), Arc::default(), Some(said)),
            follow(node.stderr.take().unwrap(), Arc::clone(&self.log), None),
        ];
        let objects = told_after("objects at ", &says);
        let url = told_after(" listens on ", &says);
        *slot = Some(Running { node, objects: objects.unwrap_or_default(), readers });
        drop(slot);
        url.unwrap_or_else(|| panic!("it did not start: {:#?}", self.log()))
    }

    fn kill(&self) {
        let Some(mut running) = self.running.lock().unwrap().take() else { return };
        let workerd = children(running.node.id());
        let group = rustix::process::Pid::from_child(&running.node);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = running.node.wait();
        // Two workerds never share a state.
        let start = Instant::now();
        while workerd.iter().any(|pid| lives(*pid)) {
            assert!(start.elapsed() < PATIENCE, "workerd outlived its kill");
            std::thread::sleep(Duration::from_millis(1));
        }
        running.readers.into_iter().for_each(|reader| reader.join().unwrap());
    }

    /// The code of the command line, in this process, on the stores of the Worker.
    fn operate(&self, arguments: &[&str]) -> Ended {
        let base = self.running.lock().unwrap().as_ref().expect("it runs").objects.clone();
        let settings = self.settings();
        let run = async || {
            let store = |binding| Remote(ObjectPipe::new(&base, binding, STORE));
            cli::operate(arguments, &store("LEDGER"), &store("CONFIG"), &settings).await
        };
        // A thread of its own: the caller's may be one that must not wait.
        let ended = std::thread::scope(|scope| scope.spawn(|| background().block_on(run())).join().unwrap());
        Ended { code: Some(ended.status.into()), stdout: ended.stdout, stderr: ended.stderr }
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    fn resident_kib(&self) -> u64 {
        self.memory_kib("VmRSS:")
    }

    fn peak_kib(&self) -> u64 {
        self.memory_kib("VmHWM:")
    }
}

impl Worker {
    /// workerd's memory: node is not what runs in production.
    fn memory_kib(&self, field: &str) -> u64 {
        let node = self.running.lock().unwrap().as_ref().expect("it runs").node.id();
        children(node).into_iter().map(|pid| memory_kib(pid, field)).sum()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
        secrecy::at_the_end(&self.log());
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.current_dir(root()).arg(format!("tests/worker/support/{script}"));
    command
}

/// What wrangler.toml says, asked once: loading wrangler takes longer than starting a server.
static BINDINGS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&Ended::of(&mut node("bindings.mjs")).ok()).unwrap());

/// A node that has loaded all it needs. The next one loads meanwhile: that takes longer than starting workerd.
fn loaded() -> Child {
    static SPARE: Mutex<Option<Child>> = Mutex::new(None);
    let next = spawn();
    SPARE.lock().unwrap().replace(next).unwrap_or_else(spawn)
}

fn spawn() -> Child {
    let mut command = node("serve.mjs");
    // A group of its own, which is killed as one.
    command.process_group(0).env("WORKER_CRON_MS", CRON_MS);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn children(pid: u32) -> Vec<u32> {
    let list = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    list.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

/// Whether a process still runs; one that waits to be reaped does not.
fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}
