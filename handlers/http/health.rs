//! Is it alive, would it take a mail, and what time does it think it is.

use super::site::{Promise, Service};
use super::{Site, response};
use bytes::Bytes;
use http::{Response, StatusCode};
use render_signal::flow::{IngestError, Standing, current};
use render_signal::ledger::{Fullness, LedgerError};
use render_signal::ports::{Clock, ConfigError, Ledger};
use serde_json::json;

/// What a mail would meet if it were pushed now.
struct Health {
    /// Whether the home has its token.
    configured: bool,
    /// How full the ledger is, in percent.
    ledger: Result<u64, LedgerError>,
    config: Result<Standing, IngestError>,
    services: Service,
}

/// The code of a store that may lose what it takes.
const NOT_DURABLE: &str = "store_not_durable";

/// The code of one of which that is not known.
const UNAVAILABLE: &str = "store_unavailable";

impl Health {
    async fn of<S: Site>(site: &S) -> Self {
        Self {
            configured: site.settings().ingress.token.is_some(),
            ledger: site.ledger().fullness().await.map(|fullness| fullness.percent()),
            config: standing(site).await.map_err(IngestError::from),
            services: site.services(),
        }
    }

    /// The code a pushed mail would be refused with.
    fn refusal(&self) -> Option<&'static str> {
        match (self.configured, &self.config, &self.ledger) {
            (false, _, _) => Some("not_configured"),
            (_, Err(error), _) => Some(error.code()),
            (_, _, Err(error)) => Some(error.code()),
            _ if self.services.promise == Promise::Broken => Some(NOT_DURABLE),
            _ if self.services.promise == Promise::Unknown => Some(UNAVAILABLE),
            (_, _, Ok(Fullness::REFUSED_PERCENT..)) => Some(LedgerError::Full.code()),
            (_, _, Ok(_)) => None,
        }
    }

    fn ledger(&self) -> &'static str {
        match self.ledger {
            Ok(_) if self.services.promise == Promise::Broken => "not_durable",
            Ok(_) if self.services.promise == Promise::Unknown => "unavailable",
            Ok(Fullness::REFUSED_PERCENT..) => "full",
            Ok(_) if self.services.promise == Promise::Waived => "not_durable",
            Ok(Fullness::DEGRADED_PERCENT..) => "filling",
            Ok(_) => "ok",
            Err(_) => "unavailable",
        }
    }

    fn config(&self) -> &'static str {
        match self.config {
            Ok(Standing::Current) => "ok",
            Ok(Standing::Stale) => "stale",
            Err(_) => "unavailable",
        }
    }

    /// Why it does not stand as it should: what a mail would be refused with, or else what may lead there.
    fn trouble(&self) -> Option<&'static str> {
        let coming = || match (self.ledger(), self.config()) {
            ("not_durable", _) => Some(NOT_DURABLE),
            ("filling", _) => Some("store_filling"),
            (_, "stale") => Some("config_stale"),
            _ => None,
        };
        self.refusal().or_else(coming)
    }
}

/// What is known of the configuration in force, after it was read if need be.
async fn standing<S: Site>(site: &S) -> Result<Standing, ConfigError> {
    current(site).await?;
    Ok(site.config_cache().standing().unwrap_or(Standing::Current))
}

/// `GET /health`: 200 while the process serves, whatever its dependencies do.
pub(super) async fn health<S: Site>(site: &S) -> Response<Bytes> {
    let health = Health::of(site).await;
    let services = health.services;
    let trouble = health.trouble();
    let mut body = json!({
        "status": if trouble.is_some() { "degraded" } else { "ok" },
        "version": env!("CARGO_PKG_VERSION"),
        "services": {"home": services.home, "store": services.store, "ledger": health.ledger(), "config": health.config()},
    });
    if let (Some(code), Some(body)) = (trouble, body.as_object_mut()) {
        body.insert("code".to_owned(), code.into());
    }
    response::json(StatusCode::OK, &body)
}

/// `GET /ready`: 503 when a pushed mail would be refused, with the code of that refusal.
pub(super) async fn ready<S: Site>(site: &S) -> Response<Bytes> {
    let refusal = Health::of(site).await.refusal();
    let ready = refusal.is_none();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    response::json(status, &json!({"success": ready, "ready": ready, "code": refusal.unwrap_or("ready")}))
}

/// `GET /api/ping`.
pub(super) fn ping<S: Site>(site: &S) -> Response<Bytes> {
    response::json(StatusCode::OK, &json!({"status": "pong", "timestamp_utc": site.clock().now().to_rfc3339()}))
}
