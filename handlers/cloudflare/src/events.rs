//! The platform's events.

use crate::home::{WorkerHome, shared};
use crate::http::{from_http, to_call};
use crate::system::ConsoleJournal;
use render_signal::flow::{lease, run, sweep};
use render_signal::ports::{Home as _, Journal as _, Level, Line};
use render_signal_handlers::http::{handle, internal_error, not_configured};
use worker::{Context, Env, Error, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Outgoing requests of one invocation at once: the platform opens six connections, and two are for the objects.
const AT_ONCE: u32 = 4;

/// Rounds of work in one invocation: it stays well under the platform's limit of subrequests, and the cron goes on.
const ROUNDS: usize = 20;

/// Runs once when an isolate starts, before its first event.
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Answers a request, and works on what it brought once the answer is on its way.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    #[cfg(feature = "test-build")]
    if let Some(route) = crate::testing::route(&request) {
        return crate::testing::answer(&route, request, &env).await;
    }
    match answer(request, &env, &context).await {
        Ok(response) => Ok(response),
        // The platform's own error page would carry neither our envelope nor the security headers.
        Err(error) => {
            failed("ingest", &error);
            from_http(internal_error())
        }
    }
}

async fn answer(request: Request, env: &Env, context: &Context) -> Result<Response> {
    let Some(shared) = shared(env) else { return from_http(not_configured()) };
    let home = WorkerHome::new(env, shared)?;
    let response = handle(&home, to_call(request)?).await;
    if home.was_nudged() {
        context.wait_until(async move { work(&home).await });
    }
    from_http(response)
}

/// Every minute: what is due and was not worked on leaves now. A lost wake-up costs a minute, never a mail.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    #[cfg(feature = "test-build")]
    if crate::testing::is_driven() {
        return;
    }
    let Some(shared) = shared(&env) else { return };
    match WorkerHome::new(&env, shared) {
        Ok(home) => round(&home).await,
        Err(error) => failed("sweep", &error),
    }
}

/// The regular round, then what is due.
pub(crate) async fn round(home: &WorkerHome) {
    let round = sweep(home, home.last_round()).await;
    home.keep_round(round);
    work(home).await;
}

fn failed(stage: &'static str, error: &Error) {
    let line = Line::new(Level::Error, stage, "internal_error", "WORKER: an event could not be handled");
    ConsoleJournal.log(line.with_cause(error));
}

/// Takes due work from the ledger until there is none, or enough was done for one invocation.
async fn work(home: &WorkerHome) {
    for _ in 0..ROUNDS {
        match lease(home, AT_ONCE).await {
            Ok(batch) if batch.leases.is_empty() => return,
            Ok(batch) => {
                futures_util::future::join_all(batch.leases.into_iter().map(|lease| run(home, lease))).await;
            }
            Err(error) => {
                let line = Line::new(Level::Error, "deliver", error.code(), "WORK: the ledger did not answer");
                return home.journal().log(line.with_cause(&error));
            }
        }
    }
}
