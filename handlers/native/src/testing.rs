//! The test build of the native server: its routes, and rounds by hand. No release has it.
//!
//! It changes nothing until `RENDER_SIGNAL_TEST_BUILD` is set in the environment of the process.

use crate::home::NativeHome;
use render_signal::flow::{Round, sweep};
use render_signal::ports::{Home as _, Queue as _};
use render_signal_handlers::http::testing::{self, TestSite};
use std::sync::{LazyLock, Mutex, PoisonError};

static ASKED_FOR: LazyLock<bool> = LazyLock::new(asked_for);

/// The round that was made last.
static ROUND: Mutex<Option<Round>> = Mutex::new(None);

#[expect(clippy::disallowed_methods, reason = "a switch of the test build, not a setting")]
fn asked_for() -> bool {
    std::env::var("RENDER_SIGNAL_TEST_BUILD").is_ok()
}

/// Whether a test drives this process. Then rounds are made when it asks for them, and never by themselves.
pub(crate) fn is_driven() -> bool {
    *ASKED_FOR
}

/// The test route that a path names.
pub(crate) fn route(path: &str) -> Option<String> {
    testing::route(path).filter(|_| is_driven()).map(str::to_owned)
}

impl TestSite for NativeHome {
    async fn round(&self) {
        let seen = ROUND.lock().unwrap_or_else(PoisonError::into_inner).take();
        let round = sweep(self, seen).await;
        *ROUND.lock().unwrap_or_else(PoisonError::into_inner) = round;
    }

    async fn work(&self) {
        self.queue().nudge().await;
    }
}
