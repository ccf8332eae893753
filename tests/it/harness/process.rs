//! Processes under test: their words are kept, and they are waited for with a deadline.

use super::Ended;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A start, a stop or a command that takes longer is a failure.
const PATIENCE: Duration = Duration::from_mins(1);

/// Lines that a process wrote so far.
pub(super) type Lines = Arc<Mutex<Vec<String>>>;

impl Ended {
    /// Runs a command to its end. One that does not end is killed, and the test fails.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = read(child.stdout.take().unwrap());
        let stderr = read(child.stderr.take().unwrap());
        let code = wait(&mut child).code();
        Self { code, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
    }
}

fn read(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        from.read_to_string(&mut text).unwrap();
        text
    })
}

/// Waits for the end of a process. One that does not end is killed, and the test fails.
pub(super) fn wait(child: &mut Child) -> ExitStatus {
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

/// Keeps what is written, line by line, and hands it on to whoever listens.
pub(super) fn follow(
    from: impl Read + Send + 'static,
    lines: Lines,
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

/// What comes after these words in the first line that has them.
pub(super) fn told_after(words: &str, says: &Receiver<String>) -> Option<String> {
    let start = Instant::now();
    loop {
        let line = says.recv_timeout(PATIENCE.saturating_sub(start.elapsed())).ok()?;
        if let Some((_, told)) = line.split_once(words) {
            return Some(told.trim().to_owned());
        }
    }
}

/// A figure of a process's memory, in KiB: `VmHWM:` is the most it ever had, `VmRSS:` what it has.
pub(super) fn memory_kib(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
