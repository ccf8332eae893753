//! In which encodings a push is read.

use crate::acceptance::shared;
use crate::harness::{Answer, Mail, TOKEN, eventually};

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

async fn push(bytes: Vec<u8>) -> (u16, String) {
    let shared = shared();
    let request = shared.server.request("POST", "/api/ingress/gmail").bearer_auth(TOKEN);
    Answer::of(request.header("content-type", "application/json").body(bytes)).await.status_word()
}

type Encode = fn(&str) -> Vec<u8>;

#[tokio::test]
async fn a_byte_order_mark_is_understood() {
    let shared = shared();
    let encodings: [(&str, Encode); 4] = [
        ("plain", |text| text.as_bytes().to_vec()),
        ("bom", |text| [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("le", |text| [b"\xff\xfe".to_vec(), utf16(text, u16::to_le_bytes)].concat()),
        ("be", |text| [b"\xfe\xff".to_vec(), utf16(text, u16::to_be_bytes)].concat()),
    ];
    for (name, encode) in encodings {
        let mail = Mail::new(&format!("encoding-{name}"));
        assert_eq!(push(encode(&mail.to_json())).await, (200, "queued".to_owned()), "{name}");
        let received = eventually(name, || {
            shared.receiver.received("/hook").into_iter().find(|one| one.subject() == mail.subject())
        });
        assert_eq!(received.await.json()["email_content"], mail.body(), "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_decoded_is_an_invalid_payload() {
    let text = Mail::new("undecodable").to_json();
    let le = utf16(&text, u16::to_le_bytes);
    let lone =
        [b"\xff\xfe".to_vec(), utf16(r#"{"sender":"a","body":""#, u16::to_le_bytes), b"\x00\xd8".to_vec()].concat();
    let rows = [
        ("UTF-16 LE without mark", le.clone()),
        ("UTF-16 BE without mark", utf16(&text, u16::to_be_bytes)),
        ("half a unit", [b"\xff\xfe".to_vec(), le, b"\x20".to_vec()].concat()),
        ("a lone unit", [lone, utf16("\"}", u16::to_le_bytes)].concat()),
        (
            "not UTF-8",
            text.replace("Bonjour", "Bon\u{1}jour")
                .into_bytes()
                .iter()
                .map(|b| if *b == 1 { 0xff } else { *b })
                .collect(),
        ),
        ("Latin-1", b"{\"sender\":\"a@b.fr\",\"body\":\"caf\xe9\"}".to_vec()),
    ];
    for (what, bytes) in rows {
        assert_eq!(push(bytes).await, (400, "Invalid JSON payload".to_owned()), "{what}");
    }
}
