//! The worlds of the run: a zone, its hours, its rules, and what the operator changes on the way.

use super::instants::{Edge, both_sides};
use crate::harness::TOKEN;
use render_signal::calendar::Timestamp;
use serde_json::{Value, json};

/// Tries of one delivery are this long apart, in seconds, give or take a fifth.
const RETRY_SECONDS: u64 = 60;

pub(super) struct Scenario {
    pub(super) name: &'static str,
    zone: &'static str,
    window: (&'static str, &'static str),
    absence: &'static str,
    outside_window: &'static str,
    edges: &'static [Edge],
}

/// Between them: a window's opening and closing, an absence day's beginning and end, and both changes of offset, each alone and
/// where they meet.
pub(super) const SCENARIOS: [Scenario; 4] = [
    // Paris is UTC+1 until 29 March 01:00Z, UTC+2 until 25 October 01:00Z. Both are Sundays.
    Scenario {
        name: "by-day",
        zone: "Europe/Paris",
        window: ("08h30", "19:00"),
        absence: "wednesday",
        outside_window: "skip",
        edges: &[
            (3, 28, 7, 30),
            (3, 28, 18, 0),
            (3, 29, 1, 0),
            (3, 29, 6, 30),
            (3, 29, 17, 0),
            (3, 31, 22, 0),
            (4, 1, 6, 30),
            (4, 1, 22, 0),
            (10, 24, 17, 0),
            (10, 25, 1, 0),
            (10, 25, 7, 30),
            (10, 27, 23, 0),
            (10, 28, 23, 0),
        ],
    },
    // Skipped whole in March, open twice in October.
    Scenario {
        name: "in-the-changing-hour",
        zone: "Europe/Paris",
        window: ("02h15", "02h45"),
        absence: "friday",
        outside_window: "hold",
        edges: &[
            (3, 28, 1, 15),
            (3, 28, 1, 45),
            (3, 29, 1, 0),
            (3, 30, 0, 15),
            (3, 30, 0, 45),
            (10, 24, 0, 15),
            (10, 25, 0, 15),
            (10, 25, 0, 45),
            (10, 25, 1, 0),
            (10, 25, 1, 15),
            (10, 25, 1, 45),
            (10, 26, 1, 15),
        ],
    },
    // Days of 23 and of 25 hours, on which nothing is sent, under a window that wraps over midnight.
    Scenario {
        name: "on-the-changing-day",
        zone: "Europe/Paris",
        window: ("22:00", "06:00"),
        absence: "sunday",
        outside_window: "hold",
        edges: &[
            (3, 28, 5, 0),
            (3, 28, 21, 0),
            (3, 28, 23, 0),
            (3, 29, 1, 0),
            (3, 29, 20, 0),
            (3, 29, 22, 0),
            (10, 24, 20, 0),
            (10, 24, 22, 0),
            (10, 25, 5, 0),
            (10, 25, 21, 0),
            (10, 25, 23, 0),
        ],
    },
    // Changes by half an hour: UTC+11 until 4 April 15:00Z, then UTC+10:30 until 3 October 15:30Z.
    Scenario {
        name: "by-half-an-hour",
        zone: "Australia/Lord_Howe",
        window: ("01h40", "02h20"),
        absence: "monday",
        outside_window: "skip",
        edges: &[
            (4, 3, 14, 40),
            (4, 4, 14, 40),
            (4, 4, 15, 0),
            (4, 4, 15, 10),
            (4, 4, 15, 50),
            (4, 5, 13, 30),
            (10, 3, 15, 10),
            (10, 3, 15, 30),
            (10, 4, 13, 0),
            (10, 4, 14, 40),
            (10, 5, 13, 0),
        ],
    },
];

impl Scenario {
    pub(super) fn instants(&self) -> Vec<Timestamp> {
        both_sides(self.edges)
    }

    /// The environment. `hook` is the default target.
    pub(super) fn settings(&self, hook: &str) -> Vec<(&'static str, String)> {
        [
            ("PROCESS_API_TOKEN", TOKEN),
            ("RENDER_SIGNAL_TEST_BUILD", "1"),
            ("ALLOW_LOOPBACK_TARGETS", "1"),
            ("ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS", "0"),
            ("LOG_LEVEL", "warn"),
            ("POLLING_TIMEZONE", self.zone),
            ("ENABLE_SUBJECT_GROUP_DEDUP", "1"),
            ("GMAIL_SENDER_ALLOWLIST", "technique@client.example,production@client.example,vip@client.example"),
            ("WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            ("WEBHOOK_URL", hook),
            // Nothing goes for its age: the end compares everything.
            ("RETENTION_BODY_DAYS", "3650"),
            ("RETENTION_RECORD_DAYS", "3650"),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }

    /// What the operator saves before an instant, the first or a later one.
    pub(super) fn documents(&self, instant: usize, base: &str) -> Vec<(&'static str, Value)> {
        match instant {
            0 => vec![
                ("webhook_config", self.webhook_config(true)),
                ("processing_prefs", preferences()),
                ("routing_rules", rules(base)),
                ("detectors", self.detectors(base)),
            ],
            // Due work is held, pushes stay with their client, and all of it leaves when it is over.
            7 => vec![("webhook_config", self.webhook_config(false))],
            8 => vec![("webhook_config", self.webhook_config(true))],
            _ => Vec::new(),
        }
    }

    fn webhook_config(&self, sending: bool) -> Value {
        json!({
            "webhook_sending_enabled": sending,
            "webhook_time_start": self.window.0,
            "webhook_time_end": self.window.1,
            "absence_pause_enabled": true,
            "absence_pause_days": [self.absence],
        })
    }

    fn detectors(&self, base: &str) -> Value {
        json!({
            "recadrage": {"target": format!("{base}/recadrage"), "outside_window": self.outside_window},
            "desabo": {"target": format!("{base}/desabo")},
        })
    }
}

fn preferences() -> Value {
    json!({
        "exclude_keywords": ["Lettre d'information"],
        "exclude_keywords_recadrage": ["annulé"],
        "sender_priority": {"vip@client.example": "high", "production@client.example": "low"},
        "retry_count": 2,
        "retry_delay_sec": RETRY_SECONDS,
    })
}

fn rules(base: &str) -> Value {
    let rule = |id: &str, word: &str, actions: Value| {
        json!({
            "id": id,
            "name": format!("Règle {id}"),
            "conditions": [{"field": "subject", "operator": "contains", "value": word, "case_sensitive": false}],
            "actions": actions,
        })
    };
    let to = |path: &str, priority: &str, stop: bool| json!({"webhook_url": format!("{base}/{path}"), "priority": priority, "stop_processing": stop});
    let held = |hours: Value| json!({"webhook_url": format!("{base}/held"), "priority": "normal", "hold": true, "hold_hours": hours});
    json!({"rules": [
        rule("stop", "prioritaire", to("vip", "high", true)),
        rule("invoice", "facture", to("invoices", "low", false)),
        rule("copy", "copie", to("copies", "normal", false)),
        rule("gone-0", "parti-0", to("gone/0", "normal", true)),
        rule("gone-1", "parti-1", to("gone/1", "normal", false)),
        rule("hours", "attendre", held(json!(5))),
        rule("person", "retenir", held(Value::Null)),
    ]})
}

/// Whether a retry is due at a later instant must not depend on the spread of its delay.
#[test]
fn no_instant_is_as_far_from_another_as_a_retry_may_be() {
    let spread = u128::from(RETRY_SECONDS) * 800..=u128::from(RETRY_SECONDS) * 1200;
    for scenario in SCENARIOS {
        let instants = scenario.instants();
        for (n, first) in instants.iter().enumerate() {
            for later in &instants[n + 1..] {
                assert!(later > first, "{}: {first:?} before {later:?}", scenario.name);
                assert!(!spread.contains(&later.since(*first).as_millis()), "{}: {first:?}, {later:?}", scenario.name);
            }
        }
    }
}
