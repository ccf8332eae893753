//! Where the native server listens, and whether it may start.

#[cfg(test)]
mod tests;

use super::{Server, Settings};
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where the native server listens, and in which mode it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// The address; port 0 lets the system choose one.
    pub address: SocketAddr,
    /// Whether secrets that are missing are made.
    pub mode: RunMode,
}

/// Whether secrets that are missing are made, or stop the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunMode {
    /// On loopback, and without `PORT`: they are made, kept in the data directory and printed once.
    Development,
    /// Anywhere else: they stop the start.
    Production,
}

impl Listening {
    /// What those variables ask for.
    pub(super) fn of(server: &Server) -> Self {
        let implied = match server.port {
            Some(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            None => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let (ip, own_port) = server.bind.unwrap_or((implied, None));
        let address = SocketAddr::new(ip, own_port.or(server.port).unwrap_or(8080));
        let development = ip.is_loopback() && server.port.is_none();
        Self { address, mode: if development { RunMode::Development } else { RunMode::Production } }
    }
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode {
            RunMode::Development => write!(f, "listens on http://{} in development mode", self.address),
            RunMode::Production => write!(f, "listens on http://{}", self.address),
        }
    }
}

/// What the home found out about the data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataDir {
    /// It lies on a mounted disk.
    Mounted,
    /// It lies on the same disk as the program.
    Ephemeral,
}

/// Why the native server does not start: exit status 78. Its text names every remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The variables that must be set and are not.
    pub missing: Vec<&'static str>,
    /// Whether mails would be kept on a disk that the next deploy empties.
    pub storage: Storage,
}

/// Whether accepted mails would outlive a deploy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// They would.
    Lasting,
    /// They would not.
    LostAtDeploy,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.missing.is_empty() {
            writeln!(f, "Not set: {}.", self.missing.join(", "))?;
        }
        if self.storage == Storage::LostAtDeploy {
            f.write_str(
                "Render empties this disk at each deploy, and accepted mails would be lost with it. Either add a disk to \
                 the service and set DATA_DIR to a directory on it, or keep the mails in a Redis and set REDIS_URL.",
            )?;
        }
        Ok(())
    }
}

/// Why the native server must not start with these settings; `None` when it may.
pub fn start_refusal(settings: &Settings, data_dir: DataDir) -> Option<Refusal> {
    let missing = match settings.listening().mode {
        RunMode::Development => Vec::new(),
        RunMode::Production => settings.missing_secrets().to_vec(),
    };
    let storage = match data_dir {
        DataDir::Ephemeral if settings.server.on_render && settings.server.redis.is_none() => Storage::LostAtDeploy,
        DataDir::Ephemeral | DataDir::Mounted => Storage::Lasting,
    };
    let nothing = missing.is_empty() && storage == Storage::Lasting;
    (!nothing).then_some(Refusal { missing, storage })
}
