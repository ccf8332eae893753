//! Is it alive, would it take a mail, and what time does it think it is.

use super::{Site, response};
use bytes::Bytes;
use http::{Response, StatusCode};
use render_signal::ledger::Fullness;
use render_signal::ports::{Clock, Ledger};
use serde_json::json;

/// What an anonymous caller may know of a dependency.
struct Standing {
    ledger: &'static str,
    config: &'static str,
}

impl Standing {
    fn status(&self) -> &'static str {
        if self.ledger == "ok" && self.config == "ok" { "ok" } else { "degraded" }
    }
}

/// `GET /health`: 200 while the process serves, whatever its dependencies do.
pub(super) async fn health<S: Site>(site: &S) -> Response<Bytes> {
    let standing = standing(site).await;
    let services = site.services();
    let body = json!({
        "status": standing.status(),
        "version": env!("CARGO_PKG_VERSION"),
        "services": {"home": services.home, "store": services.store, "ledger": standing.ledger, "config": standing.config},
    });
    response::json(StatusCode::OK, &body)
}

/// `GET /ready`: 503 when a pushed mail would be refused.
pub(super) async fn ready<S: Site>(site: &S) -> Response<Bytes> {
    let standing = standing(site).await;
    let missing = site.settings().ingress.token.is_none();
    let refused = missing || standing.config != "ok" || !matches!(standing.ledger, "ok" | "filling");
    let code = match (refused, missing) {
        (false, _) => "ready",
        (true, true) => "not_configured",
        (true, false) => "store_unavailable",
    };
    let status = if refused { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    response::json(status, &json!({"success": !refused, "ready": !refused, "code": code}))
}

/// `GET /api/ping`.
pub(super) fn ping<S: Site>(site: &S) -> Response<Bytes> {
    response::json(StatusCode::OK, &json!({"status": "pong", "timestamp_utc": site.clock().now().to_rfc3339()}))
}

async fn standing<S: Site>(site: &S) -> Standing {
    let ledger = match site.ledger().fullness().await {
        Ok(fullness) if fullness.percent() >= Fullness::REFUSED_PERCENT => "full",
        Ok(fullness) if fullness.percent() >= Fullness::DEGRADED_PERCENT => "filling",
        Ok(_) => "ok",
        Err(_) => "unavailable",
    };
    let config = if render_signal::flow::current(site).await.is_ok() { "ok" } else { "unavailable" };
    Standing { ledger, config }
}
