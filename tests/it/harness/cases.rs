//! What most cases begin with.

use super::{Receiver, Server};
use serde_json::json;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The ingress token of every server under test.
pub(crate) const TOKEN: &str = "qztoken-5f0c1d-for-tests";

/// What is due now is on its way within this time.
pub(crate) const PROMPT: Duration = Duration::from_secs(2);

/// What has not happened by then does not happen.
const PATIENCE: Duration = Duration::from_secs(30);

/// Receivers and name servers run here, beside the tests: a test that waits for a process does not stop them.
pub(crate) fn background() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());
    &RUNTIME
}

/// Looks until there is something to see. Fails after a time that no healthy server needs.
pub(crate) async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A receiver, and a server whose default target is its `/hook`.
pub(crate) fn one_default_target(settings: &[(&str, &str)]) -> (Receiver, Server) {
    let receiver = Receiver::start();
    let target = receiver.target("/hook");
    let mut all = vec![("WEBHOOK_URL", target.as_str())];
    all.extend(settings);
    let server = Server::start(&all);
    (receiver, server)
}

/// Retries without a pause between them.
pub(crate) fn quick_retries(server: &Server, count: u32) {
    server
        .configure("processing_prefs", &json!({"retry_count": count, "retry_delay_sec": 0, "webhook_timeout_sec": 2}));
}
