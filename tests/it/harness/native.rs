//! The native home: the binary of this build, in a temporary directory, on a port that the system chooses.

use super::{Ended, Home, TOKEN};
use crate::secrecy;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A start, a stop or a command that takes longer is a failure.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server process that is killed when this goes, whatever became of its test. Its log is then searched for secrets.
pub(crate) struct Native {
    directory: tempfile::TempDir,
    settings: Vec<(String, String)>,
    child: Mutex<Option<Child>>,
    stdout: Arc<Mutex<Vec<String>>>,
    log: Arc<Mutex<Vec<String>>>,
    /// The threads that read what the process writes.
    readers: Mutex<Vec<JoinHandle<()>>>,
}

impl Native {
    /// A home that is not started yet. `settings` come on top of a token, a port of its own and loopback targets.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Arc<Self> {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data").display().to_string();
        let base = [
            ("PROCESS_API_TOKEN", TOKEN),
            ("BIND", "127.0.0.1:0"),
            ("DATA_DIR", &data),
            ("ALLOW_LOOPBACK_TARGETS", "1"),
            ("ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS", "1"),
            ("LOG_LEVEL", "debug"),
        ];
        let all = base.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Arc::new(Self {
            settings: all.collect(),
            directory,
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

    /// The most memory it ever had, in KiB (`VmHWM`).
    pub(crate) fn peak_kib(&self) -> u64 {
        self.memory("VmHWM:")
    }

    /// The memory it has now, in KiB (`VmRSS`).
    pub(crate) fn resident_kib(&self) -> u64 {
        self.memory("VmRSS:")
    }

    fn memory(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    fn pid(&self) -> u32 {
        self.child.lock().unwrap().as_ref().expect("it runs").id()
    }

    /// Asks it to end, as a platform does at each deploy.
    pub(crate) fn terminate(&self) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits for its end, and returns the exit status.
    pub(crate) fn wait(&self) -> Option<i32> {
        let mut child = self.child.lock().unwrap().take().expect("it runs");
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
        *slot = Some(child);
        drop(slot);
        address(&says).unwrap_or_else(|| panic!("it did not start: {:#?}", self.log()))
    }

    fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
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
}

impl Drop for Native {
    fn drop(&mut self) {
        self.kill();
        if !std::thread::panicking() {
            secrecy::check(&self.log());
        }
    }
}

impl Ended {
    /// Runs a command to its end. One that does not end is killed, and the test fails.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = read(child.stdout.take().unwrap());
        let stderr = read(child.stderr.take().unwrap());
        let code = wait(&mut child).code();
        Self { code, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
    }
}

/// The binary, with these variables and no others.
pub(crate) fn command_in(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_render-signal")));
    command.args(arguments).current_dir(directory).env_clear().envs(variables.iter().copied()).stdin(Stdio::null());
    command
}

fn wait(child: &mut Child) -> std::process::ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the process did not end within {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn read(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        from.read_to_string(&mut text).unwrap();
        text
    })
}

/// Keeps what is written, line by line, and hands it on to whoever listens.
fn follow(
    from: impl Read + Send + 'static,
    lines: Arc<Mutex<Vec<String>>>,
    listener: Option<Sender<String>>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            lines.lock().unwrap().push(line.clone());
            if let Some(listener) = &listener {
                let _ = listener.send(line);
            }
        }
    })
}

/// The address in the line that says where it listens.
fn address(says: &Receiver<String>) -> Option<String> {
    let start = Instant::now();
    loop {
        let line = says.recv_timeout(PATIENCE.saturating_sub(start.elapsed())).ok()?;
        if let Some((_, address)) = line.split_once(" listens on ") {
            return Some(address.trim().to_owned());
        }
    }
}
