//! The test build of the Worker: its routes, answered before the shared surface. No release has it.
//!
//! | route, beside those of the handlers | |
//! |---|---|
//! | `POST panic` | panics while answering |
//! | `POST panic/POINT` | arms a point of the Worker's own code: the next event that passes it panics |
//! | `GET panic/POINT` | whether it is still armed |
//! | `GET wait/MILLISECONDS` | answers later |
//! | `GET contract` | the names of the cases |
//! | `POST contract/NAME` | puts fresh objects through one case: 200, or 500 with the broken promise |

mod contract;
mod panics;

pub(crate) use panics::{Point, pass};

use crate::home::{Event, WorkerHome, shared};
use crate::http::{from_http, to_call};
use core::time::Duration;
use render_signal_handlers::http::testing::{self, TestSite};
use worker::{Delay, Env, Method, Request, Response, Result};

impl TestSite for WorkerHome {
    async fn round(&self) {
        crate::events::round(self).await;
    }

    async fn work(&self) {
        crate::events::work(self, crate::events::ROUNDS).await;
    }
}

/// Whether a test has fixed the time. Then rounds are made when it asks for them, and never by themselves.
pub(crate) fn is_driven() -> bool {
    testing::fixed_time().is_some()
}

/// The test route that a request asks for.
pub(crate) fn route(request: &Request) -> Option<String> {
    testing::route(&request.path()).map(str::to_owned)
}

/// Answers a test route.
pub(crate) async fn answer(route: &str, request: Request, env: &Env) -> Result<Response> {
    match route.split_once('/').unwrap_or((route, "")) {
        ("panic", "") => panics::now(),
        ("panic", point) => panics::set(point, request.method() == Method::Post),
        ("wait", time) => {
            Delay::from(Duration::from_millis(time.parse().unwrap_or_default())).await;
            Response::ok("waited")
        }
        ("contract", "") => Response::from_json(&contract::names()),
        ("contract", name) => contract::run(name, env).await,
        _ => shared_answer(route, request, env).await,
    }
}

async fn shared_answer(route: &str, request: Request, env: &Env) -> Result<Response> {
    let Some(shared) = shared(env) else { return Response::error("the Worker is not configured", 503) };
    let home = WorkerHome::new(env, shared, Event::Background)?;
    from_http(testing::answer(&home, route, to_call(request)?).await)
}
