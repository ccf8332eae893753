//! Home 1: the Cloudflare Worker.
//!
//! For now the walking skeleton: a fetch event that asks the `Ledger` object to echo, which proves the way from Rust to workerd
//! and the Durable Object binding. It holds no decisions and stores nothing.
#![cfg(target_arch = "wasm32")]

use worker::{Context, DurableObject, Env, Request, Response, Result, State, durable_object, event};

/// Runs once when an isolate starts, before its first event.
#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Answers every request with what the ledger object echoes.
#[event(fetch)]
async fn fetch(req: Request, env: Env, _ctx: Context) -> Result<Response> {
    let ledger = env.durable_object("LEDGER")?.get_by_name("ledger")?;
    ledger.fetch_with_str(&format!("http://ledger{}", req.path())).await
}

/// The one Durable Object. Here it only echoes the path that it was asked for.
#[durable_object(fetch)]
pub struct Ledger {}

impl DurableObject for Ledger {
    fn new(_state: State, _env: Env) -> Self {
        Self {}
    }

    async fn fetch(&self, req: Request) -> Result<Response> {
        Response::ok(format!("ledger {}", req.path()))
    }
}
