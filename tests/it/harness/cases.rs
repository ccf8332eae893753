//! What most cases begin with.

use super::{Place, Receiver, Server};
use serde_json::json;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The ingress token of every server under test.
pub(crate) const TOKEN: &str = "qztoken-5f0c1d-for-tests";

/// What is due now is on its way within this time.
pub(crate) const PROMPT: Duration = Duration::from_secs(2);

/// What has not happened by then does not happen. A native server on its own disk takes back at its start what was leased before it;
/// elsewhere a lease of 60 s runs out first.
fn patience() -> Duration {
    Duration::from_secs(match Place::of_this_run() {
        Place::Native => 30,
        Place::Redis | Place::Worker => 90,
    })
}

/// The code on record of an exchange that came to nothing. Natively each cause has its own; what carries a Worker's requests
/// tells a deadline from the rest, and no more.
pub(crate) fn as_told_here(code: &'static str) -> &'static str {
    match (Place::of_this_run(), code) {
        (Place::Worker, "send_dns" | "send_tls" | "send_protocol") => "send_connect",
        _ => code,
    }
}

/// Receivers and name servers run here, beside the tests: a test that waits for a process does not stop them.
pub(crate) fn background() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());
    &RUNTIME
}

/// Looks until there is something to see. Fails after a time that no healthy server needs.
pub(crate) async fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(patience(), what, look).await
}

/// Looks until there is something to see. Fails after this time.
pub(crate) async fn within<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < limit, "not within {limit:?}: {what}");
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
