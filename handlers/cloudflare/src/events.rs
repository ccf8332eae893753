//! The platform's events, except the queue's.

use crate::home::{Event, WorkerHome, shared};
use crate::http::{from_http, to_call};
use crate::system::ConsoleJournal;
use core::fmt::Display;
use render_signal::flow::{drain, sweep};
use render_signal::ports::{Home as _, Journal as _, Level, Line};
use render_signal_handlers::http::{handle, internal_error, not_configured};
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Outgoing requests of one invocation at once: the platform opens six connections, and two are for the objects.
pub(crate) const AT_ONCE: u32 = 4;

/// Rounds of work in one background event. Three of them make at most 39 requests for mails with one target each: the free plan
/// allows 50. What is left is somebody else's, who is nudged; what an event's end cuts off is sent again when its lease runs out.
pub(crate) const ROUNDS: u32 = 3;

/// Rounds of work after a request: the platform lets it go on for 30 seconds.
const ROUNDS_AFTER_ANSWER: u32 = 1;

/// Runs once when an isolate starts, before its first event.
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Answers a request, and has somebody woken for what it brought.
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
            failed("ingest", "internal_error", &error);
            from_http(internal_error())
        }
    }
}

async fn answer(request: Request, env: &Env, context: &Context) -> Result<Response> {
    let Some(shared) = shared(env) else { return from_http(not_configured()) };
    let home = WorkerHome::new(env, shared, Event::Request)?;
    let response = handle(&home, to_call(request)?).await;
    if home.queue().wanted() {
        context.wait_until(async move { wake(&home).await });
    }
    from_http(response)
}

/// Wakes a worker; when the queue does not take the message, this is one.
async fn wake(home: &WorkerHome) {
    if !home.queue().send().await {
        work(home, ROUNDS_AFTER_ANSWER).await;
    }
}

/// Every minute: what is due and was not worked on leaves now, whatever became of the alarm and the queue. A lost wake-up
/// costs a minute, never a mail.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    #[cfg(feature = "test-build")]
    if crate::testing::is_driven() {
        return;
    }
    let Some(shared) = shared(&env) else { return };
    match WorkerHome::new(&env, shared, Event::Background) {
        Ok(home) => round(&home).await,
        Err(error) => failed("sweep", "internal_error", &error),
    }
}

/// The alarm, the regular round, then what is due. The alarm comes first: whatever ends this event early, it is armed.
pub(crate) async fn round(home: &WorkerHome) {
    let kept = wake_object(home, "").await;
    let round = sweep(home, home.last_round(&kept)).await;
    if let Some(round) = home.keep_round(round) {
        wake_object(home, &round).await;
    }
    work(home, ROUNDS).await;
}

/// Has the ledger's object wake whom it must, and keep a round; the round it has. A failure costs another look at held work.
async fn wake_object(home: &WorkerHome, round: &str) -> String {
    home.ledger().0.wake(round).await.unwrap_or_else(|error| {
        failed("sweep", "store_unavailable", &error);
        String::new()
    })
}

pub(crate) async fn work(home: &WorkerHome, rounds: u32) {
    if let Err(error) = drain(home, AT_ONCE, rounds).await {
        failed("deliver", error.code(), &error);
    }
}

fn failed(stage: &'static str, code: &'static str, error: &dyn Display) {
    ConsoleJournal
        .log(Line::new(Level::Error, stage, code, "WORKER: an event could not be handled").with_cause(&error));
}
