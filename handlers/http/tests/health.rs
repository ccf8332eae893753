//! `/health`, `/ready` and `/api/ping` in every state of the stores.

use super::site::{MemorySite, TOKEN, mail};
use crate::http::Promise;
use render_signal::calendar::Timestamp;
use render_signal::memory::{Call, Fault, Side};
use render_signal::ports::Home;
use serde_json::json;

/// How a site stands: what makes it so, then `code` (`ok`: none), `ledger` and `config` of `/health`, and the code of `/ready`.
type Row = (&'static str, fn() -> MemorySite, [&'static str; 3], &'static str);

/// A ledger that holds 14 bytes of at most so many.
fn filled(limit: u64) -> MemorySite {
    let site = MemorySite::new();
    assert_eq!(site.push(&mail()).status, 200);
    site.home.ledger().limit_to(Some(limit));
    site
}

fn failing(calls: &[Call]) -> MemorySite {
    let site = MemorySite::new();
    for call in calls {
        site.home.faults().every(*call, Fault::Fail(Side::Before));
    }
    site
}

/// The primary of the documents is lost; a copy was published.
fn on_a_copy() -> MemorySite {
    let site = MemorySite::new();
    site.home.config().publish();
    site.home.config().lose_primary();
    site
}

const ROWS: [Row; 11] = [
    ("well", MemorySite::new, ["ok", "ok", "ok"], "ready"),
    ("79 %", || filled(17 + 100), ["ok", "ok", "ok"], "ready"),
    ("82 %", || filled(17), ["store_filling", "filling", "ok"], "ready"),
    ("93 %", || filled(15), ["store_filling", "filling", "ok"], "ready"),
    ("100 %", || filled(14), ["store_full", "full", "ok"], "store_full"),
    ("more", || filled(1), ["store_full", "full", "ok"], "store_full"),
    ("ledger down", || failing(&[Call::Fullness]), ["store_unavailable", "unavailable", "ok"], "store_unavailable"),
    ("config on a copy", on_a_copy, ["config_stale", "ok", "stale"], "ready"),
    ("config down", || failing(&[Call::LoadConfig]), ["config_unavailable", "ok", "unavailable"], "config_unavailable"),
    (
        "both down",
        || failing(&[Call::Fullness, Call::LoadConfig]),
        ["config_unavailable", "unavailable", "unavailable"],
        "config_unavailable",
    ),
    ("no token", || MemorySite::bare(&[], 4), ["not_configured", "ok", "ok"], "not_configured"),
];

#[test]
fn health_is_200_and_says_how_the_stores_are() {
    for (name, site, [code, ledger, config], _) in ROWS {
        let services = json!({"home": "test", "store": "memory", "ledger": ledger, "config": config});
        let status = if code == "ok" { "ok" } else { "degraded" };
        let mut expected = json!({"status": status, "version": env!("CARGO_PKG_VERSION"), "services": services});
        if code != "ok" {
            expected["code"] = code.into();
        }
        assert_eq!(site().get("/health").told(), (200, expected), "{name}");
    }
}

#[test]
fn ready_is_503_with_the_code_of_the_refusal() {
    for (name, site, _, code) in ROWS {
        let ready = code == "ready";
        let expected = json!({"success": ready, "ready": ready, "code": code});
        assert_eq!(site().get("/ready").told(), (if ready { 200 } else { 503 }, expected), "{name}");
    }
}

/// A store that answers, and may lose what it takes.
#[test]
fn a_store_that_may_lose_mails_is_told() {
    let not_durable = ["store_not_durable", "not_durable"];
    for (promise, [code, ledger], ready) in [
        (Promise::Broken, not_durable, "store_not_durable"),
        (Promise::Waived, not_durable, "ready"),
        (Promise::Unknown, ["store_unavailable", "unavailable"], "store_unavailable"),
    ] {
        let site = MemorySite::new().promising(promise);
        let health = site.get("/health").told().1;
        assert_eq!((&health["status"], &health["code"]), (&json!("degraded"), &json!(code)), "{promise:?}");
        assert_eq!(health["services"]["ledger"], ledger, "{promise:?}");
        let (status, told) = site.get("/ready").told();
        assert_eq!((status, &told["code"]), (if ready == "ready" { 200 } else { 503 }, &json!(ready)), "{promise:?}");
        // What does not answer at all is told first, and so is a store that is full.
        assert_eq!(site.push(&mail()).status, 200, "the ledger of this site knows nothing of it");
        site.home.ledger().limit_to(Some(1));
        let full = site.get("/ready").told().1["code"] == "store_full";
        assert_eq!(full, promise == Promise::Waived, "{promise:?}");
        site.home.faults().every(Call::Fullness, Fault::Fail(Side::Before));
        assert_eq!(site.get("/ready").told().1["code"], "store_unavailable", "{promise:?}");
    }
}

/// `/ready` says what a push would meet.
#[test]
fn ready_and_a_push_agree() {
    for (name, site, _, code) in ROWS {
        let site = site();
        if name.starts_with("ledger") {
            site.home.faults().every(Call::Admit, Fault::Fail(Side::Before));
        }
        let mut other = mail();
        other["subject"] = json!("Other");
        let (status, told) = site.push(&other).told();
        let met = if status == 200 { "ready" } else { told["code"].as_str().unwrap() };
        assert_eq!(met, code, "{name}");
    }
}

/// The limits are 80 % and 95 %, in whole percent.
#[test]
fn the_limits_of_filling_and_full() {
    let site = MemorySite::new();
    let mut large = mail();
    large["body"] = "x".repeat(9_500).into();
    assert_eq!(site.push(&large).status, 200);
    for (limit, word) in [(12_000, "ok"), (11_876, "ok"), (11_875, "filling"), (10_001, "filling"), (10_000, "full")] {
        site.home.ledger().limit_to(Some(limit));
        assert_eq!(site.get("/health").told().1["services"]["ledger"], word, "{limit}");
    }
}

/// A configuration read less than half a minute ago is in force, for pushes as for `/ready`.
#[test]
fn a_reading_in_memory_outlives_a_short_outage() {
    let site = MemorySite::new();
    assert_eq!(site.get("/ready").status, 200);
    site.home.faults().every(Call::LoadConfig, Fault::Fail(Side::Before));
    assert_eq!((site.get("/ready").status, site.push(&mail()).status), (200, 200));
    site.clock().advance(core::time::Duration::from_secs(30));
    assert_eq!((site.get("/ready").status, site.push(&mail()).status), (503, 503));
}

#[test]
fn nothing_that_was_recorded_or_set_is_shown() {
    let site = filled(17);
    for path in ["/health", "/ready", "/api/ping"] {
        let body = String::from_utf8(site.get(path).body.to_vec()).unwrap();
        assert!(![TOKEN, "alice", "Hello", "\"17\""].iter().any(|secret| body.contains(secret)), "{body}");
    }
}

#[test]
fn ping_tells_the_clock_s_time_as_the_predecessor_did() {
    let site = MemorySite::bare(&[], 0);
    for (millis, text) in
        [(1_795_157_809_618, "2026-11-20T06:56:49.618000+00:00"), (0, "1970-01-01T00:00:00.000000+00:00")]
    {
        site.clock().set(Timestamp::from_millis(millis));
        assert_eq!(site.get("/api/ping").told(), (200, json!({"status": "pong", "timestamp_utc": text})));
    }
}
