//! What a receiver gets: the payload byte for byte, promptly, in the configured media type, from the configured target.

use crate::harness::{Answer, Mail, PROMPT, Reply, Server, TOKEN, eventually, one_default_target};
use serde_json::{Value, json};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A zone in which the last hour of the day is far away.
fn zone_far_from_midnight() -> &'static str {
    let hour = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 3600 % 24;
    if hour >= 22 { "Etc/GMT-12" } else { "Etc/UTC" }
}

#[tokio::test]
async fn the_payload_is_the_predecessors_byte_for_byte_and_prompt() {
    let (receiver, server) = one_default_target(&[
        ("WEBHOOKS_TIME_START", "00h00"),
        ("WEBHOOKS_TIME_END", "23h59"),
        ("POLLING_TIMEZONE", zone_far_from_midnight()),
    ]);
    let request = server.request("POST", "/api/ingress/gmail").bearer_auth(TOKEN);
    let request = request.header("content-type", "application/json").body(include_str!("../fixtures/push.json"));
    let start = Instant::now();
    let answer = Answer::of(request).await;
    assert_eq!(answer.json()["email_id"], "15e79853936d6954dbd9cd7d19980132");
    let received = receiver.one("/hook").await;
    assert!(received.at - start < PROMPT, "{:?}", received.at - start);
    let expected = include_str!("../fixtures/payload.json").trim_end();
    assert_eq!(std::str::from_utf8(&received.body).unwrap(), expected);
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("accept"), Some("application/json, text/plain, */*"));
    assert_eq!(received.header("user-agent"), Some(concat!("Render-Signal/", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn form_mode_is_the_same_text_under_another_media_type() {
    let (receiver, server) = one_default_target(&[]);
    let as_json = Mail::new("media");
    server.take(&as_json).await;
    server.life(&as_json, "delivered").await;
    server.configure("webhook_config", &json!({"webhook_delivery_mode": "form"}));
    server.take(&as_json.clone().with("message_id", "message-media-2")).await;
    let all = receiver.at_least("/hook", 2).await;
    assert_eq!(all[0].body, all[1].body);
    let types: Vec<_> = all.iter().map(|one| one.header("content-type").unwrap()).collect();
    assert_eq!(types, ["application/json", "application/x-www-form-urlencoded"]);
}

#[tokio::test]
async fn a_receiver_that_wants_the_other_media_type_gets_it_at_once() {
    let (receiver, server) = one_default_target(&[]);
    receiver.script("/hook", [Reply::status(415), Reply::status(200)]);
    let mail = Mail::new("fallback");
    server.take(&mail).await;
    let life = server.life(&mail, "delivered").await;
    let attempts = life["deliveries"][0]["attempts"].as_array().unwrap();
    assert_eq!((attempts.len(), &attempts[0]["modes"]), (1, &json!(["json", "form"])));
    let all = receiver.received("/hook");
    assert_eq!(all.len(), 2);
    assert_eq!((&all[0].body, all[0].id()), (&all[1].body, all[1].id()));
    assert_eq!(all[1].header("content-type"), Some("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn without_the_fallback_a_415_is_a_dead_letter() {
    let (receiver, server) = one_default_target(&[("WEBHOOK_FALLBACK_ON_415", "false")]);
    receiver.script("/hook", [Reply::status(415)]);
    let mail = Mail::new("no-fallback");
    server.take(&mail).await;
    let life = server.life(&mail, "failed").await;
    assert_eq!(life["deliveries"][0]["attempts"][0]["code"], "unsupported_media_type");
    assert_eq!(receiver.count("/hook"), 1);
}

#[tokio::test]
async fn rules_choose_targets_and_each_url_gets_a_mail_once() {
    let (receiver, server) = one_default_target(&[]);
    let rule = |id: &str, word: &str, path: &str, stop: bool| {
        json!({"id": id, "name": format!("Rule {id}"), "conditions": [{"field": "subject", "operator": "contains", "value": word}],
               "actions": {"webhook_url": receiver.target(path), "priority": "high", "stop_processing": stop}})
    };
    let rules =
        [rule("one", "[a]", "/one", false), rule("again", "[a]", "/one", false), rule("two", "[b]", "/two", true)];
    server.configure("routing_rules", &json!({"rules": rules}));
    let both = Mail::new("[a]");
    server.take(&both).await;
    server.life(&both, "delivered").await;
    assert_eq!((receiver.count("/one"), receiver.count("/two"), receiver.count("/hook")), (1, 0, 1));
    let rule = json!({"id": "one", "name": "Rule one", "priority": "high"});
    assert_eq!(receiver.received("/one")[0].json()["routing_rule"], rule);
    assert_eq!(receiver.received("/hook")[0].json()["routing_rule"], Value::Null);
    let stopped = Mail::new("[b]");
    server.take(&stopped).await;
    server.life(&stopped, "delivered").await;
    assert_eq!((receiver.count("/one"), receiver.count("/two"), receiver.count("/hook")), (1, 1, 1));
}

#[tokio::test]
async fn a_mail_without_links_is_skipped_unless_it_is_wanted() {
    let (receiver, server) = one_default_target(&[("ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS", "false")]);
    let plain = Mail::new("plain");
    server.take(&plain).await;
    assert_eq!(server.life(&plain, "skipped").await["mail"]["reason"], "no_links");
    let linked = Mail::new("linked").with("body", "qzbody https://www.swisstransfer.com/d/abc-1");
    server.take(&linked).await;
    let links = receiver.one("/hook").await.json()["delivery_links"].clone();
    assert_eq!(links, json!([{"provider": "swisstransfer", "raw_url": "https://www.swisstransfer.com/d/abc-1"}]));
}

#[tokio::test]
async fn an_excluded_keyword_skips_whatever_its_case_and_accents() {
    let (receiver, server) = one_default_target(&[]);
    server.configure("processing_prefs", &json!({"exclude_keywords": ["Réservé"]}));
    let excluded = Mail::new("keyword").with("body", "<p>qzbody RESERVE aux membres</p>");
    server.take(&excluded).await;
    assert_eq!(server.life(&excluded, "skipped").await["mail"]["reason"], "excluded_keyword");
    assert_eq!(receiver.count("/hook"), 0);
}

#[tokio::test]
async fn the_hourly_limit_delays_and_drops_nothing() {
    let (receiver, server) = one_default_target(&[]);
    server.configure("processing_prefs", &json!({"rate_limit_per_hour": 2}));
    let mails: Vec<_> = (0..3).map(|n| Mail::new(&format!("hourly-{n}"))).collect();
    for mail in &mails {
        server.take(mail).await;
    }
    receiver.at_least("/hook", 2).await;
    let waiting = |server: &Server| {
        let held = server.mails("held");
        (held.len() == 1 && held[0]["reason"] == "rate_limited").then_some(())
    };
    eventually("one mail waits", || waiting(&server)).await;
    assert_eq!(receiver.count("/hook"), 2);
    server.configure("processing_prefs", &json!({"rate_limit_per_hour": 0}));
    receiver.at_least("/hook", 3).await;
}

#[tokio::test]
async fn a_target_that_may_not_be_called_is_refused_when_it_is_set() {
    let server = Server::start(&[("ALLOW_LOOPBACK_TARGETS", "0")]);
    for url in [
        "http://127.0.0.1:9/x",
        "http://hooks.client.fr/x",
        "https://10.0.0.1/x",
        "https://[::1]:1/",
        "https://user:pw@hooks.client.fr/",
        "https://example.com/x",
    ] {
        let document = json!({"webhook_url": url}).to_string();
        let refused = server.operate(&["config", "set", "webhook_config", &document]);
        assert_eq!(refused.code, Some(64), "{url}: {refused:?}");
        let rule = json!({"conditions": [{"field": "subject", "operator": "contains", "value": "x"}], "actions": {"webhook_url": url}});
        let refused = server.operate(&["config", "set", "routing_rules", &json!({"rules": [rule]}).to_string()]);
        assert_eq!(refused.code, Some(64), "{url}: {refused:?}");
    }
}
