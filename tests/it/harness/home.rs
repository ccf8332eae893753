//! Where a server runs.

/// A place that runs Render Signal over a storage of its own, which outlives [`kill`](Self::kill) and is removed with the home.
pub(crate) trait Home: Send + Sync {
    /// Starts it, over what it kept from before. Returns the base URL, which may change from start to start.
    fn start(&self) -> String;

    /// Ends it at once, as a power cut would. Nothing to do when it does not run.
    fn kill(&self);

    /// Runs one of the operator's commands on its storage: `config set …`, `mails list …`.
    fn operate(&self, arguments: &[&str]) -> Ended;

    /// The log lines so far, over all starts.
    fn log(&self) -> Vec<String>;
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
