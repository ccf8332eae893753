//! The log: lines that operators look for. That no secret is in it is checked for every server of the suite (`secrecy`).

use crate::harness::{Mail, Reply, Server, TOKEN, eventually, one_default_target, quick_retries};
use crate::secrecy::{self, SECRET};
use serde_json::Value;

#[tokio::test]
async fn the_lines_that_people_grep_are_there() {
    let (receiver, server) = one_default_target(&[("WEBHOOK_SECRET", SECRET)]);
    quick_retries(&server, 1);
    receiver.script("/hook", [Reply::status(500), Reply::json(200, r#"{"success": false, "message": "non"}"#)]);
    let mail = Mail::new("logged");
    server.take(&mail).await;
    server.life(&mail, "failed").await;
    for wanted in ["API INGRESS: Gmail push processed successfully", "CFG WEBHOOK: Custom webhook URL configured"] {
        let has = || server.log().iter().any(|line| message(line).contains(wanted)).then_some(());
        eventually(wanted, has).await;
    }
    let log = server.log();
    let messages: Vec<String> = log.iter().map(|line| message(line)).collect();
    let taken = log.iter().find(|line| line.contains("Gmail push processed")).unwrap();
    let taken: Value = serde_json::from_str(taken).unwrap();
    assert_eq!((taken["sender"].as_str(), taken["code"].as_str()), (Some("q***@client.example"), Some("queued")));
    assert!(taken["subject"].as_str().unwrap().starts_with("Commande du jour... ["), "{taken}");
    let configured = messages.iter().find(|message| message.contains("Custom webhook URL")).unwrap();
    assert!(configured.ends_with("/***"), "{configured}");
}

pub(crate) fn message(line: &str) -> String {
    serde_json::from_str::<Value>(line).unwrap()["msg"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_refused_leaves_no_secret_in_the_log() {
    let server = Server::start(&[("DNS_SERVER", "127.0.0.1:9")]);
    server
        .configure("webhook_config", &serde_json::json!({"webhook_url": "https://hooks.client.fr/qzhook?key=qzhook"}));
    let mail = Mail::new("refused");
    server.take(&mail).await;
    server.life(&mail, "retrying").await;
    for (token, body) in
        [("qztoken-wrong", mail.to_json()), (TOKEN, "{\"qzbody\": ".to_owned()), (TOKEN, "{\"sender\": 5}".to_owned())]
    {
        let request = server.request("POST", "/api/ingress/gmail?token=qztoken").bearer_auth(token);
        request.header("content-type", "application/json").body(body).send().await.unwrap();
    }
    secrecy::check(&server.log());
}

#[test]
#[should_panic(expected = "in clear in the log")]
fn the_search_for_secrets_finds_one() {
    secrecy::check(&[
        r#"{"time":"t","level":"info","stage":"s","code":"c","msg":"Authorization: QzToken-5f"}"#.to_owned()
    ]);
}
