//! The routes of the test build, which no release build has: the clock, the regular round, documents, and everything on
//! record. Both homes answer them before the shared surface, and only for a test that asks for it.
//!
//! They know no secrets and ask for none: whoever reaches them may read every mail. That is why they are a feature of the
//! build and not a setting.

use super::{Call, Incoming, Site, response};
use bytes::Bytes;
use core::sync::atomic::{AtomicI64, Ordering};
use http::{Response, StatusCode};
use render_signal::calendar::Timestamp;
use render_signal::config::DocumentKey;
use render_signal::ledger::{MailFilter, MailLife};
use render_signal::mail::MailId;
use render_signal::ports::{Clock as _, ConfigStore as _, Ledger as _, Write};
use serde_json::{Value, json};

/// Where the routes are. A build that holds this text is a test build: releases are searched for it.
pub const PREFIX: &str = "/__render-signal-test-build/";

/// Lives told at once: on a Worker each is a call of its own.
const PAGE: u32 = 100;

/// No fixed time: the platform's clock.
const PASSING: i64 = i64::MIN;

/// The time of every clock of this process or isolate, its stores' clocks included.
static FIXED: AtomicI64 = AtomicI64::new(PASSING);

/// The time that a test has fixed.
pub fn fixed_time() -> Option<Timestamp> {
    let millis = FIXED.load(Ordering::Relaxed);
    (millis != PASSING).then(|| Timestamp::from_millis(millis))
}

/// Fixes the time, or lets it pass again.
pub fn fix_time(now: Option<Timestamp>) {
    FIXED.store(now.map_or(PASSING, Timestamp::as_millis), Ordering::Relaxed);
}

/// A site under test.
pub trait TestSite: Site {
    /// Makes one regular round, as the home does by itself.
    async fn round(&self);

    /// Works on what is due, or wakes whoever does.
    async fn work(&self);
}

/// The part of a path that names a test route.
pub fn route(path: &str) -> Option<&str> {
    path.strip_prefix(PREFIX)
}

/// Answers a test route.
///
/// | route | |
/// |---|---|
/// | `PUT clock` | fixes the time: milliseconds since 1970, or nothing to let it pass |
/// | `POST round` | makes a regular round |
/// | `POST work` | has what is due worked on |
/// | `PUT documents/NAME` | replaces a configuration document, unchecked |
/// | `GET stats` | the clock, and the ledger's counts |
/// | `GET lives`, `GET lives/BEFORE` | a page of lives, newest first |
pub async fn answer<S: TestSite, B: Incoming>(site: &S, route: &str, call: Call<B>) -> Response<Bytes> {
    let body = text(call.request.into_body()).await;
    match done(site, route, &body).await {
        Ok(value) => response::json(StatusCode::OK, &value),
        Err(error) => response::json(StatusCode::BAD_REQUEST, &json!({"error": error})),
    }
}

async fn done<S: TestSite>(site: &S, route: &str, body: &str) -> Result<Value, String> {
    match route.split_once('/').unwrap_or((route, "")) {
        ("clock", "") => clock(body),
        ("round", "") => {
            site.round().await;
            Ok(json!({}))
        }
        ("work", "") => {
            site.work().await;
            Ok(json!({}))
        }
        ("documents", name) => write(site, name, body).await,
        ("stats", "") => stats(site).await,
        ("lives", before) => lives(site, before).await,
        _ => Err(format!("no test route {route}")),
    }
}

fn clock(body: &str) -> Result<Value, String> {
    let millis = (!body.is_empty()).then(|| body.parse().map(Timestamp::from_millis)).transpose();
    fix_time(millis.map_err(|_| format!("not milliseconds: {body}"))?);
    Ok(json!({"now": fixed_time()}))
}

async fn write<S: Site>(site: &S, name: &str, body: &str) -> Result<Value, String> {
    let key = DocumentKey::parse(name).ok_or_else(|| format!("no document {name}"))?;
    let value = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let write = Write { key, value, expected: None, author: "a test".to_owned() };
    let written = site.config().write(write).await.map_err(|error| error.to_string())?;
    Ok(json!({"version": written.version}))
}

async fn stats<S: Site>(site: &S) -> Result<Value, String> {
    let stats = site.ledger().stats().await.map_err(|error| error.to_string())?;
    Ok(json!({"now": site.clock().now(), "stats": stats}))
}

async fn lives<S: Site>(site: &S, before: &str) -> Result<Value, String> {
    let before = match before {
        "" => None,
        id => Some(MailId::parse(id).ok_or_else(|| format!("not a mail: {id}"))?),
    };
    let filter = MailFilter { before, limit: PAGE, ..MailFilter::default() };
    let page = site.ledger().list(&filter).await.map_err(|error| error.to_string())?;
    let mut lives: Vec<MailLife> = Vec::new();
    for mail in &page.mails {
        lives.extend(site.ledger().life(&mail.id).await.map_err(|error| error.to_string())?);
    }
    Ok(json!({"lives": lives, "next": page.next}))
}

async fn text(mut body: impl Incoming) -> String {
    let mut bytes = Vec::new();
    while let Some(Ok(piece)) = body.next().await {
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
