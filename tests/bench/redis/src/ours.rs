//! The server that is measured.

use crate::mails::TOKEN;
use crate::process::Process;
use crate::redis_server::RedisServer;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The release build on a Redis, in a folder of its own.
pub(crate) struct Ours {
    process: Process,
    pub(crate) address: SocketAddr,
    folder: tempfile::TempDir,
    program: PathBuf,
    settings: Vec<(String, String)>,
}

impl Ours {
    /// Starts one. `settings` come on top of those of every measure.
    pub(crate) fn start(program: &Path, redis: &RedisServer, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (url, data) = (redis.url(), folder.path().join("data").display().to_string());
        let own = [
            ("REDIS_URL", url.as_str()),
            ("DATA_DIR", &data),
            ("BIND", "127.0.0.1:0"),
            ("PROCESS_API_TOKEN", TOKEN),
            ("ALLOW_LOOPBACK_TARGETS", "1"),
            ("LOG_LEVEL", "error"),
        ];
        let all: Vec<_> = own.iter().chain(settings).copied().collect();
        let mut process = Process::start(Command::new(program).current_dir(folder.path()), &all);
        let address = process.told_after(" listens on http://").parse().unwrap();
        let settings = all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { process, address, folder, program: program.to_owned(), settings }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Replaces a configuration document, as an operator does.
    pub(crate) fn configure(&self, document: &str, value: &Value) {
        let mut command = Command::new(&self.program);
        command.args(["config", "set", document, &value.to_string()]).current_dir(self.folder.path());
        command.env_clear().envs(self.settings.iter().cloned()).stdin(Stdio::null());
        let ended = command.output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
}
