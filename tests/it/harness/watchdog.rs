//! Nothing that the tests start outlives them, however they end.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ends a process and removes its folder when the tests are gone without having done so themselves: they were killed. Dropped, it
/// does nothing any more.
pub(crate) struct Watchdog(Child);

impl Watchdog {
    /// Watches from now on.
    pub(crate) fn over(process: &Child, folder: &Path) -> Self {
        // The end of this pipe is the end of the tests. What ends them from the keyboard reaches the shell as well.
        let script = r#"trap '' INT HUP TERM; read -r _; kill -9 "$1"; rm -rf -- "$2""#;
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "watchdog", &process.id().to_string()]).arg(folder);
        Self(shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Makes it believe that they are gone, and waits for what it does.
    pub(crate) fn bite(mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
