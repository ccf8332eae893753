//! What a person does about mails that wait or failed.

use crate::harness::{Mail, Receiver, Reply, Server, one_default_target, quick_retries};
use serde_json::json;

#[tokio::test]
async fn a_dead_letter_is_replayed_under_its_id_or_closed() {
    let (receiver, server) = one_default_target(&[]);
    quick_retries(&server, 0);
    receiver.script("/hook", [Reply::status(500), Reply::status(500), Reply::status(200)]);
    let (replayed, closed) = (Mail::new("replayed"), Mail::new("closed"));
    server.take(&replayed).await;
    server.life(&replayed, "failed").await;
    server.take(&closed).await;
    let id = |life: serde_json::Value| life["mail"]["id"].as_str().unwrap().to_owned();
    let closed_id = id(server.life(&closed, "failed").await);
    let replayed_id = id(server.life(&replayed, "failed").await);
    assert_eq!(server.mails("failed").len(), 2);

    server.operate(&["mails", "replay", &replayed_id]).ok();
    server.life(&replayed, "delivered").await;
    let all = receiver.received("/hook");
    assert_eq!((all[0].id(), &all[0].body), (all[2].id(), &all[2].body));

    server.operate(&["mails", "dismiss", &closed_id]).ok();
    server.life(&closed, "dismissed").await;
    assert_eq!(receiver.count("/hook"), 3);
    for arguments in
        [["mails", "replay", &replayed_id], ["mails", "dismiss", &closed_id], ["mails", "release", &closed_id]]
    {
        assert_eq!(server.operate(&arguments).code, Some(64), "{arguments:?}");
    }
    assert!(server.mails("failed").is_empty());
}

#[tokio::test]
async fn mails_are_listed_found_and_shown() {
    let (receiver, server) = one_default_target(&[]);
    for n in 0..3 {
        let mail = Mail::new(&format!("liste {n}"));
        server.take(&mail).await;
        server.life(&mail, "delivered").await;
    }
    let all = server.operate(&["mails", "list"]).ok();
    assert_eq!(all.lines().count(), 3, "{all}");
    assert!(all.lines().all(|line| line.contains("delivered")), "{all}");
    assert!(all.lines().next().unwrap().contains("liste 2"), "newest first: {all}");
    let page = server.operate(&["mails", "list", "--limit", "2"]).ok();
    let (_, older) = page.lines().last().unwrap().split_once("--before ").expect("more");
    assert!(server.operate(&["mails", "list", "--before", older]).ok().contains("liste 0"));
    assert_eq!(server.operate(&["mails", "list", "--search", "QZSUBJECT liste"]).ok().lines().count(), 3);
    assert!(server.operate(&["mails", "list", "--search", "unheard"]).ok().contains("no such mail"));
    let webhook_id = receiver.received("/hook").remove(0).header("webhook-id").unwrap().to_owned();
    let life = server.operate(&["mails", "show", &webhook_id]).ok();
    assert!(life.contains(&webhook_id) && life.contains("liste 0"), "{life}");
    assert_eq!(server.operate(&["mails", "show", "nonsense"]).code, Some(64));
    assert_eq!(server.operate(&["mails", "list", "--state", "nonsense"]).code, Some(2));
}

#[tokio::test]
async fn a_mail_without_a_target_leaves_when_one_is_set() {
    let receiver = Receiver::start();
    let server = Server::start(&[]);
    let mail = Mail::new("no-target");
    server.take(&mail).await;
    assert_eq!(server.life(&mail, "held").await["mail"]["reason"], "no_target");
    server.configure("webhook_config", &json!({"webhook_url": receiver.target("/hook")}));
    assert_eq!(receiver.one("/hook").await.subject(), mail.subject());
    server.life(&mail, "delivered").await;
}

#[tokio::test]
async fn a_mail_outside_the_window_waits_or_is_sent_now() {
    let receiver = Receiver::start();
    // A window that was open an hour ago and opens again in 22 hours.
    let hour = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 3600;
    let time = |hour: u64| format!("{:02}h00", hour % 24);
    let server = Server::start(&[
        ("WEBHOOK_URL", &receiver.target("/hook")),
        ("WEBHOOKS_TIME_START", &time(hour + 21)),
        ("WEBHOOKS_TIME_END", &time(hour + 22)),
        ("POLLING_TIMEZONE", "Etc/UTC"),
    ]);
    let (waiting, now) = (Mail::new("waits"), Mail::new("now"));
    server.take(&waiting).await;
    server.take(&now).await;
    let held = server.life(&waiting, "held").await;
    assert_eq!(held["mail"]["reason"], "outside_time_window");
    assert!(!held["mail"]["hold_until"].is_null(), "{held}");
    let id = server.life(&now, "held").await["mail"]["id"].as_str().unwrap().to_owned();
    server.operate(&["mails", "release", &id]).ok();
    let sent = receiver.one("/hook").await;
    assert_eq!((sent.subject(), &sent.json()["webhooks_time_start"]), (now.subject(), &json!("maintenant")));
    // A recadrage outside the window is skipped, and an urgent one too: what the predecessor's receivers expect.
    let recadrage = Mail::new("x").with("subject", "Média Solution - Missions Recadrage - Lot 9");
    let recadrage = recadrage.with("body", "qzbody à faire pour 18h https://fromsmash.com/abc");
    server.take(&recadrage).await;
    assert_eq!(server.life(&recadrage, "skipped").await["mail"]["reason"], "outside_time_window");
    server.operate(&["mails", "release", "--reason", "outside_time_window"]).ok();
    receiver.at_least("/hook", 2).await;
    server.life(&waiting, "delivered").await;
}

#[tokio::test]
async fn documents_are_listed_read_and_guarded_by_their_version() {
    let server = Server::start(&[]);
    assert!(server.operate(&["config", "list"]).ok().contains("no document is stored"));
    assert_eq!(server.operate(&["config", "get", "processing_prefs"]).ok().trim(), "{}");
    server.operate(&["config", "set", "processing_prefs", r#"{"retry_count": 3}"#, "--expect", "0"]).ok();
    let stored: serde_json::Value =
        serde_json::from_str(&server.operate(&["config", "get", "processing_prefs"]).ok()).unwrap();
    assert_eq!((&stored["retry_count"], &stored["version"]), (&json!(3), &json!(1)));
    let late = server.operate(&["config", "set", "processing_prefs", r#"{"retry_count": 4}"#, "--expect", "0"]);
    assert_eq!(late.code, Some(64), "{late:?}");
    for bad in ["nonsense", "[]", r#"{"retry_count": 11}"#, r#"{"retry_count": "x"}"#] {
        let refused = server.operate(&["config", "set", "processing_prefs", bad]);
        assert_eq!(refused.code, Some(64), "{bad}: {refused:?}");
    }
    assert!(server.operate(&["config", "list"]).ok().starts_with("processing_prefs version 1"));
}
