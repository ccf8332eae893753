use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const BODY: &str = "<p>Bonjour, à faire pour le 10/4/2026 à 18h</p>";

fn mail(body: &str) -> MailView<'_> {
    MailView {
        email_id: "15e79853936d6954dbd9cd7d19980132",
        subject: "Média Solution - Missions Recadrage - Lot 42",
        date: "2026-04-10T09:54:38.000Z",
        sender: "Technique <Technique@client.example>",
        sender_email: "technique@client.example",
        body,
        source: "gmail_push",
    }
}

fn recadrage() -> Facts {
    let dropbox = "https://www.dropbox.com/scl/fo/abc/def?rlkey=k1&dl=0";
    Facts {
        detector: Some("recadrage".into()),
        delivery_time: Some("le 10/04/2026 à 18h00".into()),
        webhooks_time_start: Some("maintenant".into()),
        webhooks_time_end: Some("23h59".into()),
        delivery_links: vec![
            DeliveryLink {
                provider: "dropbox".into(),
                raw_url: dropbox.into(),
                direct_url: Some(dropbox.into()),
                r2_url: Some("https://media.client.example/dropbox/36c72db7/461ade2e/file".into()),
                original_filename: Some("Lot 42.zip".into()),
            },
            DeliveryLink {
                provider: "fromsmash".into(),
                raw_url: "https://fromsmash.com/XyZ-1".into(),
                direct_url: Some("https://fromsmash.com/XyZ-1".into()),
                ..DeliveryLink::default()
            },
        ],
        ..Facts::default()
    }
}

/// The complete example of the predecessor's contract.
const RECADRAGE: &str = concat!(
    r#"{"microsoft_graph_email_id": "15e79853936d6954dbd9cd7d19980132", "#,
    r#""subject": "Média Solution - Missions Recadrage - Lot 42", "#,
    r#""receivedDateTime": "2026-04-10T09:54:38.000Z", "#,
    r#""sender_address": "Technique <Technique@client.example>", "#,
    r#""bodyPreview": "<p>Bonjour, à faire pour le 10/4/2026 à 18h</p>", "#,
    r#""email_content": "<p>Bonjour, à faire pour le 10/4/2026 à 18h</p>", "#,
    r#""source": "gmail_push", "sender_email": "technique@client.example", "#,
    r#""detector": "recadrage", "delivery_time": "le 10/04/2026 à 18h00", "#,
    r#""webhooks_time_start": "maintenant", "webhooks_time_end": "23h59", "#,
    r#""delivery_links": [{"provider": "dropbox", "raw_url": "https://www.dropbox.com/scl/fo/abc/def?rlkey=k1&dl=0", "#,
    r#""direct_url": "https://www.dropbox.com/scl/fo/abc/def?rlkey=k1&dl=0", "#,
    r#""r2_url": "https://media.client.example/dropbox/36c72db7/461ade2e/file", "original_filename": "Lot 42.zip"}, "#,
    r#"{"provider": "fromsmash", "raw_url": "https://fromsmash.com/XyZ-1", "direct_url": "https://fromsmash.com/XyZ-1"}]}"#,
);

#[test]
fn a_recadrage_is_the_predecessors_text() {
    assert_eq!(render(&mail(BODY), &recadrage()), RECADRAGE);
}

#[test]
fn absent_facts_leave_no_key() {
    let mail = MailView { sender: "", subject: "", date: "", ..mail("a\"b\n") };
    let expected = concat!(
        r#"{"microsoft_graph_email_id": "15e79853936d6954dbd9cd7d19980132", "subject": "", "receivedDateTime": "", "#,
        r#""sender_address": "", "bodyPreview": "a\"b\n", "email_content": "a\"b\n", "source": "gmail_push", "#,
        r#""sender_email": "technique@client.example"}"#,
    );
    assert_eq!(render(&mail, &Facts::default()), expected);
}

#[test]
fn our_additions_come_last_and_only_when_they_apply() {
    let facts = Facts {
        webhooks_time_end: Some("18h00".into()),
        routing_rule: Some(RuleRef { id: "invoices-x".into(), name: "Factures \"X\"".into(), priority: "high".into() }),
        captures: BTreeMap::from([("lot".into(), "42".into()), ("client".into(), "É".into())]),
        truncated: true,
        follow_up_of: Some("msg_01kmcwye1rafxyjtc8r42cvzjf_0123456789".into()),
        ..Facts::default()
    };
    let expected = concat!(
        r#""webhooks_time_end": "18h00", "#,
        r#""routing_rule": {"id": "invoices-x", "name": "Factures \"X\"", "priority": "high"}, "#,
        r#""captures": {"client": "É", "lot": "42"}, "truncated": true, "#,
        r#""follow_up_of": "msg_01kmcwye1rafxyjtc8r42cvzjf_0123456789"}"#,
    );
    let text = render(&mail(BODY), &facts);
    assert!(text.ends_with(expected), "{text}");
    for key in ["routing_rule", "captures", "truncated", "follow_up_of", "null"] {
        assert!(!RECADRAGE.contains(key) && !render(&mail(BODY), &Facts::default()).contains(key), "{key}");
    }
}

#[test]
fn the_preview_counts_code_points() {
    for (body, chars) in [("é".repeat(199), 199), ("é".repeat(200), 200), ("🎬".repeat(201), 200), (String::new(), 0)]
    {
        assert_eq!(preview(&body).chars().count(), chars);
        assert!(body.starts_with(preview(&body)));
    }
}

#[test]
fn a_body_of_ten_mebibytes_is_whole() {
    let body = "<p class=\"é\">\n".repeat(9_900_000 / 15);
    let text = render(&mail(&body), &recadrage());
    assert_eq!(text.capacity(), text.len(), "room was made once, and no more than needed");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["email_content"], serde_json::Value::String(body));
}

/// Rows written by any version must render the same payload for ever.
#[test]
fn facts_are_stored_by_name_and_read_back() {
    let stored = concat!(
        r#"{"detector":"recadrage","webhooks_time_start":"maintenant","#,
        r#""delivery_links":[{"provider":"fromsmash","raw_url":"https://fromsmash.com/XyZ-1"}],"#,
        r#""routing_rule":{"id":"r1","name":"n","priority":"low"},"captures":{"lot":"42"},"truncated":true}"#,
    );
    let facts: Facts = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&facts).unwrap(), stored);
    assert_eq!(serde_json::from_str::<Facts>("{}").unwrap(), Facts::default());
    assert_eq!(serde_json::from_str::<Facts>(r#"{"of_a_later_version":1}"#).unwrap(), Facts::default());
    assert_eq!(serde_json::from_str::<Facts>(&serde_json::to_string(&recadrage()).unwrap()).unwrap(), recadrage());
}

proptest! {
    #[test]
    fn any_mail_renders_to_json_that_says_the_same(body: String, subject: String, name: String, value: String) {
        let facts = Facts { captures: BTreeMap::from([(name.clone(), value.clone())]), ..recadrage() };
        let mail = MailView { subject: &subject, ..mail(&body) };
        let text = render(&mail, &facts);
        prop_assert_eq!(&text, &render(&mail, &facts));
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read["email_content"].as_str(), Some(body.as_str()));
        prop_assert_eq!(read["bodyPreview"].as_str().unwrap(), body.chars().take(200).collect::<String>());
        prop_assert_eq!(read["subject"].as_str(), Some(subject.as_str()));
        prop_assert_eq!(read["captures"][&name].as_str(), Some(value.as_str()));
    }
}
