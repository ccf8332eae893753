//! The native home: the binary of this build, in a temporary directory, on a port that the system chooses.

use super::home::EVERY_HOME;
use super::process::{Lines, follow, memory_kib, told_after, wait};
use super::redis_server::Watchdog;
use super::{Ended, Home, RedisServer};
use crate::secrecy;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A server process that is killed when this goes, whatever became of its test. Its log is then searched for secrets.
pub(crate) struct Native {
    directory: tempfile::TempDir,
    settings: Vec<(String, String)>,
    /// What it keeps its state in, beside its directory. Others may share it.
    _redis: Option<Arc<RedisServer>>,
    child: Mutex<Option<(Child, Watchdog)>>,
    stdout: Lines,
    log: Lines,
    /// The threads that read what the process writes.
    readers: Mutex<Vec<JoinHandle<()>>>,
}

impl Native {
    /// A home that is not started yet. `settings` come on top of a token, a port of its own and loopback targets.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Arc<Self> {
        Self::with(None, settings)
    }

    /// The same, on a Redis, which is still there when this ends.
    pub(crate) fn on_redis(redis: &Arc<RedisServer>, settings: &[(&str, &str)]) -> Arc<Self> {
        let url = redis.url();
        Self::with(Some(Arc::clone(redis)), &[&[("REDIS_URL", url.as_str())], settings].concat())
    }

    fn with(redis: Option<Arc<RedisServer>>, settings: &[(&str, &str)]) -> Arc<Self> {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data").display().to_string();
        let own = [("BIND", "127.0.0.1:0"), ("DATA_DIR", &data)];
        let all = EVERY_HOME
            .iter()
            .chain(&own)
            .chain(settings)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Arc::new(Self {
            settings: all.collect(),
            directory,
            _redis: redis,
            child: Mutex::default(),
            stdout: Arc::default(),
            log: Arc::default(),
            readers: Mutex::default(),
        })
    }

    /// The working directory, in which the data directory lies.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What it wrote to standard output so far.
    pub(crate) fn stdout(&self) -> Vec<String> {
        self.stdout.lock().unwrap().clone()
    }

    fn pid(&self) -> u32 {
        self.child.lock().unwrap().as_ref().expect("it runs").0.id()
    }

    /// Asks it to end, as a platform does at each deploy.
    pub(crate) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Stops it where it is, until [`thaw`](Self::thaw).
    pub(crate) fn freeze(&self) {
        self.signal(rustix::process::Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal(rustix::process::Signal::CONT);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let slot = self.child.lock().unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_child(&slot.as_ref().expect("it runs").0), signal)
            .unwrap();
    }

    /// Waits for its end, and returns the exit status.
    pub(crate) fn wait(&self) -> Option<i32> {
        let (mut child, _watchdog) = self.child.lock().unwrap().take().expect("it runs");
        let status = wait(&mut child);
        self.read_to_the_end();
        status.code()
    }

    fn read_to_the_end(&self) {
        self.readers.lock().unwrap().drain(..).for_each(|reader| reader.join().unwrap());
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        command_in(self.directory(), arguments, &settings)
    }
}

impl Home for Native {
    fn start(&self) -> String {
        let mut slot = self.child.lock().unwrap();
        assert!(slot.is_none(), "it runs already");
        let mut child = self.command(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, says) = channel();
        *self.readers.lock().unwrap() = vec![
            follow(child.stdout.take().unwrap(), Arc::clone(&self.stdout), Some(said)),
            follow(child.stderr.take().unwrap(), Arc::clone(&self.log), None),
        ];
        let watchdog = Watchdog::over(&child, self.directory());
        *slot = Some((child, watchdog));
        drop(slot);
        told_after(" listens on ", &says).unwrap_or_else(|| panic!("it did not start: {:#?}", self.log()))
    }

    fn kill(&self) {
        if let Some((mut child, _watchdog)) = self.child.lock().unwrap().take() {
            let _ = child.kill();
            let _ = child.wait();
            self.read_to_the_end();
        }
    }

    fn operate(&self, arguments: &[&str]) -> Ended {
        Ended::of(&mut self.command(arguments))
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    fn resident_kib(&self) -> u64 {
        memory_kib(self.pid(), "VmRSS:")
    }

    fn peak_kib(&self) -> u64 {
        memory_kib(self.pid(), "VmHWM:")
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        self.kill();
        secrecy::at_the_end(&self.log());
    }
}

/// The binary, with these variables and no others.
pub(crate) fn command_in(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_render-signal")));
    command.args(arguments).current_dir(directory).env_clear().envs(variables.iter().copied()).stdin(Stdio::null());
    command
}
