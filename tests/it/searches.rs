//! Long searches and long lists. A Durable Object's SQL takes patterns of 50 bytes and 100 bound values; nobody may notice.

use crate::harness::{Mail, Server, one_default_target};
use serde_json::json;

/// What a list holds that has more values than a statement there may bind.
const VALUES: usize = 150;

fn found(server: &Server, text: &str) -> Vec<String> {
    let text = server.operate(&["mails", "list", "--json", "--search", text]).ok();
    let page: serde_json::Value = serde_json::from_str(&text).unwrap();
    page["mails"].as_array().unwrap().iter().map(|mail| mail["subject"].as_str().unwrap().to_owned()).collect()
}

fn two_hundred_bytes(pattern: &str) -> String {
    let mut text = pattern.repeat(200);
    text.truncate((0..=200).rev().find(|at| text.is_char_boundary(*at)).unwrap());
    text
}

#[tokio::test]
async fn two_hundred_bytes_are_looked_up_as_they_are() {
    let (_receiver, server) = one_default_target(&[]);
    let texts = [
        ("one word", "x"),
        ("accents", "é"),
        ("words", "déjà vu été "),
        ("quotes", "\"l'œuvre\" 'd'Éva' "),
        ("patterns", "100%_*?[a-z]\\ "),
        ("operators", "NEAR(abc, 5) AND OR NOT ^col:abc* -- ; "),
        ("symbols", "🎬€ß"),
    ];
    let texts = texts.map(|(what, pattern)| (what, two_hundred_bytes(pattern)));
    for (what, text) in &texts {
        server.take(&Mail::new(what).with("subject", format!("[{what}] {text}"))).await;
    }
    for (what, text) in &texts {
        assert_eq!(found(&server, text), [format!("[{what}] {text}")], "{what}");
        assert!(found(&server, &format!("{text}zzz")).is_empty(), "{what}: with more than it has");
    }
    // Nothing of a search is an operator: this names every mail, and none has all of it.
    let all = texts.iter().map(|(what, _)| format!("[{what}]")).collect::<Vec<_>>().join(" OR ");
    assert!(found(&server, &format!("{all} {}", "OR ".repeat(50))).is_empty());
}

#[tokio::test]
async fn a_hundred_and_fifty_allowed_senders_are_all_allowed() {
    let address = |n: usize| format!("s{n}@client.example");
    let list = (0..VALUES).map(address).collect::<Vec<_>>().join(",");
    let (_receiver, server) = one_default_target(&[("GMAIL_SENDER_ALLOWLIST", &list)]);
    for n in [0, 99, 100, VALUES - 1] {
        server.take(&Mail::new(&format!("allowed-{n}")).with("sender", address(n))).await;
    }
    let answer = server.push(&Mail::new("another").with("sender", address(VALUES))).await;
    assert_eq!(answer.status_word(), (200, "skipped_sender_not_allowed".to_owned()));
}

#[tokio::test]
async fn a_hundred_and_fifty_values_of_a_rule_and_keywords_all_count() {
    let (receiver, server) = one_default_target(&[]);
    let many = |word: &str| (0..VALUES).map(|n| format!("{word}-{n:03}")).collect::<Vec<_>>();
    let values: Vec<_> = many("sender").iter().map(|name| format!("{name}@client.example")).collect();
    let rule = json!({"id": "many", "name": "Many", "conditions": [{"field": "sender", "operator": "in", "value": values}],
                      "actions": {"webhook_url": receiver.target("/many"), "stop_processing": true}});
    server.configure("routing_rules", &json!({"rules": [rule]}));
    server.configure("processing_prefs", &json!({"exclude_keywords": many("mot")}));
    for (n, sender) in [(0, "sender-000"), (1, "sender-099"), (2, "sender-149")] {
        let mail = Mail::new(&format!("many-{n}")).with("sender", format!("{sender}@client.example"));
        server.take(&mail).await;
        server.life(&mail, "delivered").await;
    }
    assert_eq!((receiver.count("/many"), receiver.count("/hook")), (3, 0));
    for word in ["mot-000", "mot-149"] {
        let mail = Mail::new(word).with("body", format!("<p>qzbody {word} </p>"));
        server.take(&mail).await;
        assert_eq!(server.life(&mail, "skipped").await["mail"]["reason"], "excluded_keyword");
    }
}
