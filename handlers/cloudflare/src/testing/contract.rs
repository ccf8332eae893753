//! The contract of the stores, put to the Worker's adapters: `Remote`, its way to the objects, their SQL and transactions.

use crate::home::{Event, WorkerHome, shared};
use core::panic::AssertUnwindSafe;
use futures_util::FutureExt as _;
use render_signal::calendar::Timestamp;
use render_signal::contract::{Subject, cases};
use render_signal::ports::Home;
use render_signal_handlers::http::testing::{fix_time, fixed_time};
use worker::{Date, Env, Response, Result};

/// The ports of a home over objects of their own, under a name that no other run has. Their clock is the isolate's.
struct Objects(WorkerHome);

impl Subject for Objects {
    type Ledger = <WorkerHome as Home>::Ledger;
    type Config = <WorkerHome as Home>::Config;

    fn ledger(&self) -> &Self::Ledger {
        self.0.ledger()
    }

    fn config(&self) -> &Self::Config {
        self.0.config()
    }

    async fn set_time(&self, now: Timestamp) {
        fix_time(Some(now));
    }
}

pub(super) fn names() -> Vec<&'static str> {
    cases::<Objects>().iter().map(|case| case.name).collect()
}

/// Runs a case. The clock is given back, whatever came of it.
pub(super) async fn run(name: &str, env: &Env) -> Result<Response> {
    let cases = cases::<Objects>();
    let Some(case) = cases.iter().find(|case| case.name == name) else {
        return Response::error("no such case", 404);
    };
    let Some(shared) = shared(env) else { return Response::error("the Worker is not configured", 503) };
    let objects =
        Objects(WorkerHome::named(env, shared, Event::Background, &format!("{name} {}", Date::now().as_millis()))?);
    let before = fixed_time();
    let outcome = AssertUnwindSafe(case.run(&objects)).catch_unwind().await;
    fix_time(before);
    match outcome {
        Ok(()) => Response::ok("kept"),
        Err(panic) => Response::error(promise(&*panic), 500),
    }
}

/// What a panic said.
fn promise(panic: &(dyn core::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}
