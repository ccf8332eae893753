//! What keeps a good push out: the intake's switch, the allow-list, the pause. And the order among them.

use crate::harness::{Gate, Mail, Receiver, Reply, Server, one_default_target};
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

const QUEUED: &str = "queued";
const PAUSED: &str = "Webhook sending disabled";
const CLOSED: &str = "Gmail ingress disabled";

async fn pushed(server: &Server, mail: &Mail) -> (u16, String) {
    server.push(mail).await.status_word()
}

fn told(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

/// The day it is so many hours from UTC.
fn weekday(hours: i64) -> &'static str {
    const DAYS: [&str; 7] = ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"];
    let seconds = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let day = (seconds + hours * 3600).div_euclid(86_400).rem_euclid(7);
    DAYS[usize::try_from(day).unwrap()]
}

#[tokio::test]
async fn the_switch_of_the_intake_comes_before_everything_but_a_malformed_push() {
    let (_receiver, server) = one_default_target(&[]);
    let known = Mail::new("known");
    server.take(&known).await;
    server.configure("runtime_flags", &json!({"gmail_ingress_enabled": false}));
    assert_eq!(pushed(&server, &Mail::new("new")).await, told(409, CLOSED));
    assert_eq!(pushed(&server, &known).await, told(409, CLOSED));
    assert_eq!(pushed(&server, &Mail::new("bad").without("body")).await, told(400, "Missing field: body"));
    server.configure("runtime_flags", &json!({"gmail_ingress_enabled": true}));
    assert_eq!(pushed(&server, &Mail::new("new")).await, told(200, QUEUED));
}

#[tokio::test]
async fn while_sending_is_off_mails_stay_with_their_client_and_come_afterwards() {
    let (receiver, server) = one_default_target(&[]);
    let known = Mail::new("known");
    server.take(&known).await;
    server.life(&known, "delivered").await;
    server.configure("webhook_config", &json!({"webhook_sending_enabled": false}));
    let kept = Mail::new("kept");
    assert_eq!(pushed(&server, &kept).await, told(409, PAUSED));
    assert_eq!(pushed(&server, &known).await, told(200, "already_processed"), "a repeat is known before the pause");
    server.configure("webhook_config", &json!({"webhook_sending_enabled": true}));
    assert_eq!(pushed(&server, &kept).await, told(200, QUEUED), "nothing was marked");
    let all = receiver.at_least("/hook", 2).await;
    assert_eq!(all[1].subject(), kept.subject());
}

#[tokio::test]
async fn an_absence_day_is_a_day_of_the_configured_zone() {
    // UTC+14, and the day it is in UTC-12: never the same.
    let (receiver, server) = one_default_target(&[("POLLING_TIMEZONE", "Pacific/Kiritimati")]);
    let pause = |day: &str| json!({"absence_pause_enabled": true, "absence_pause_days": [day]});
    let mail = Mail::new("absence");
    loop {
        let today = weekday(14);
        server.configure("webhook_config", &pause(today));
        let answer = pushed(&server, &mail).await;
        if weekday(14) == today {
            assert_eq!(answer, told(409, PAUSED));
            break;
        }
    }
    server.configure("webhook_config", &pause(weekday(-12)));
    assert_eq!(pushed(&server, &mail).await, told(200, QUEUED));
    receiver.one("/hook").await;
}

#[tokio::test]
async fn a_sender_not_allowed_is_told_once_and_then_known() {
    let (receiver, server) =
        one_default_target(&[("GMAIL_SENDER_ALLOWLIST", "other@client.example, QZSENDER@client.example")]);
    let foreign = Mail::new("foreign").with("sender", "Other <other@client.example.org>");
    assert_eq!(pushed(&server, &foreign).await, told(200, "skipped_sender_not_allowed"));
    assert_eq!(pushed(&server, &foreign).await, told(200, "already_processed"));
    server.configure("webhook_config", &json!({"webhook_sending_enabled": false}));
    let second = Mail::new("second").with("sender", "Other <someone@client.example>");
    assert_eq!(pushed(&server, &second).await, told(200, "skipped_sender_not_allowed"), "before the pause");
    server.configure("webhook_config", &json!({"webhook_sending_enabled": true}));
    let allowed = Mail::new("allowed");
    server.take(&allowed).await;
    assert_eq!(receiver.one("/hook").await.subject(), allowed.subject());
    assert_eq!(server.life(&foreign, "skipped").await["mail"]["reason"], "sender_not_allowed");
}

#[tokio::test]
async fn a_repeat_is_being_processed_until_it_has_ended() {
    let (receiver, server) = one_default_target(&[]);
    let gate = Gate::closed();
    receiver.script("/hook", [Reply::status(200).behind(&gate)]);
    let mail = Mail::new("under-way");
    server.take(&mail).await;
    receiver.one("/hook").await;
    assert_eq!(pushed(&server, &mail).await, told(200, "already_processing"));
    gate.open();
    server.life(&mail, "delivered").await;
    assert_eq!(pushed(&server, &mail).await, told(200, "already_processed"));
    assert_eq!(receiver.count("/hook"), 1);
}

#[tokio::test]
async fn without_dedup_every_push_is_a_mail() {
    let receiver = Receiver::start();
    let target = receiver.target("/hook");
    let server = Server::start(&[("WEBHOOK_URL", &target), ("DISABLE_EMAIL_ID_DEDUP", "1")]);
    let mail = Mail::new("thrice");
    for _ in 0..3 {
        server.take(&mail).await;
    }
    let all = receiver.at_least("/hook", 3).await;
    assert!(all.windows(2).all(|pair| pair[0].body == pair[1].body));
}

#[tokio::test]
async fn a_retry_waits_while_sending_is_off_and_uses_no_attempt() {
    let (receiver, server) = one_default_target(&[]);
    server.configure("processing_prefs", &json!({"retry_count": 1, "retry_delay_sec": 0}));
    let mail = Mail::new("retry-gated");
    receiver.script("/hook", [Reply::status(503).with_header("retry-after", "3"), Reply::status(200)]);
    server.take(&mail).await;
    receiver.one("/hook").await;
    server.configure("webhook_config", &json!({"webhook_sending_enabled": false}));
    // A push makes the change known at once.
    assert_eq!(pushed(&server, &Mail::new("messenger")).await, told(409, PAUSED));
    assert_eq!(server.life(&mail, "held").await["mail"]["reason"], "sending_disabled");
    assert_eq!(receiver.count("/hook"), 1);
    server.configure("webhook_config", &json!({"webhook_sending_enabled": true}));
    let life = server.life(&mail, "delivered").await;
    assert_eq!(life["deliveries"][0]["attempts"].as_array().unwrap().len(), 2);
}
