//! Whose clock the store goes by.

use render_signal::calendar::Timestamp;
use std::sync::Arc;

/// Whose clock the store goes by.
#[derive(Clone)]
pub enum StoreTime {
    /// The Redis server's.
    Server,
    /// One that a test sets.
    Set(Arc<dyn Fn() -> Timestamp + Send + Sync>),
}

impl std::fmt::Debug for StoreTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Server => "Server",
            Self::Set(_) => "Set",
        })
    }
}

impl StoreTime {
    /// As a script takes it: empty for the server's own clock.
    pub fn argument(&self) -> String {
        match self {
            Self::Server => String::new(),
            Self::Set(time) => time().as_millis().to_string(),
        }
    }
}
