use super::*;
use crate::ports::NamesError::Unavailable;
use proptest::prelude::*;
use serde_json::{Value, json};

const NAME: &str = "crawl.google.com";

fn record(name: &str, kind: u16, data: &str) -> Value {
    json!({"name": name, "type": kind, "TTL": 60, "data": data})
}

fn answer(status: u16, records: &[Value]) -> Vec<u8> {
    let flags = json!({"Status": status, "TC": false, "RD": true, "RA": true, "AD": false, "CD": false});
    let mut whole = flags;
    whole["Question"] = json!([{"name": NAME, "type": 1}]);
    if !records.is_empty() {
        whole["Answer"] = records.into();
    }
    whole.to_string().into_bytes()
}

fn a() -> Question {
    Question::forward(NAME).unwrap()[0].clone()
}

/// What it is, the answer, and what is read from it.
type Row = (&'static str, Vec<u8>, Result<Vec<IpAddr>, NamesError>);

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn questions_are_written_as_resolvers_read_them() {
    let urls = |questions: &[Question]| -> Vec<_> {
        questions.iter().map(|question| question.url("https://dns.tld/q")).collect()
    };
    for (address, name) in [
        ("192.0.2.1", "1.2.0.192.in-addr.arpa"),
        ("2001:db8::567:89ab", "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"),
    ] {
        let question = Question::reverse(address.parse().unwrap());
        assert_eq!(urls(&[question]), [format!("https://dns.tld/q?name={name}&type=PTR")]);
    }
    let both = Question::forward("Crawl-1.Google.COM.").unwrap();
    assert_eq!(urls(&both), ["A", "AAAA"].map(|kind| format!("https://dns.tld/q?name=crawl-1.google.com&type={kind}")));
    assert_eq!(both[0].url("https://dns.tld/q?t=1"), "https://dns.tld/q?t=1&name=crawl-1.google.com&type=A");
}

/// A reverse zone can hold any text: what is no host's name is not asked for, so that nothing of it reaches a URL.
#[test]
fn what_cannot_be_a_host_is_not_asked_for() {
    let long = ["a"; 128].join(".");
    let wide = "a".repeat(64);
    for name in ["", ".", "a..b", "a b", "a&type=A", "a/b", "a?b", "a#b", "a%2e", "é.fr", "a\\032b", &long, &wide] {
        assert_eq!(Question::forward(name), None, "{name:?}");
    }
    for name in ["a", "a.b.", "_x.a-1.tld", long.get(..253).unwrap()] {
        assert!(Question::forward(name).is_some(), "{name:?}");
    }
}

#[test]
fn answers_as_resolvers_give_them() {
    let rows: [Row; 15] = [
        ("one", answer(0, &[record(NAME, 1, "192.0.2.1")]), Ok(addresses(&["192.0.2.1"]))),
        ("with dots", answer(0, &[record("Crawl.Google.com.", 1, "192.0.2.1")]), Ok(addresses(&["192.0.2.1"]))),
        (
            "an alias",
            answer(0, &[record(NAME, 5, "B.tld."), record("b.tld", 5, "c.tld"), record("c.tld.", 1, "192.0.2.1")]),
            Ok(addresses(&["192.0.2.1"])),
        ),
        ("no records", answer(0, &[]), Ok(addresses(&[]))),
        ("no such name", answer(3, &[]), Ok(addresses(&[]))),
        ("no such name, with records", answer(3, &[record(NAME, 1, "192.0.2.1")]), Ok(addresses(&[]))),
        ("another's records", answer(0, &[record("b.tld", 1, "192.0.2.1")]), Ok(addresses(&[]))),
        ("another's alias", answer(0, &[record("x", 5, "b"), record("b", 1, "192.0.2.1")]), Ok(addresses(&[]))),
        ("another kind", answer(0, &[record(NAME, 28, "2001:db8::1"), record(NAME, 16, "\"t\"")]), Ok(addresses(&[]))),
        (
            "aliases in a circle",
            answer(0, &[record(NAME, 5, "b"), record("b", 5, NAME), record("b", 1, "192.0.2.1")]),
            Ok(addresses(&["192.0.2.1"])),
        ),
        ("a name for an address", answer(0, &[record(NAME, 1, "b.tld")]), Err(Unavailable)),
        ("the other family", answer(0, &[record(NAME, 1, "2001:db8::1")]), Err(Unavailable)),
        ("server failure", answer(2, &[record(NAME, 1, "192.0.2.1")]), Err(Unavailable)),
        ("refused", answer(5, &[]), Err(Unavailable)),
        ("bad kind", answer(0, &[json!({"name": NAME, "type": "A", "data": "192.0.2.1"})]), Err(Unavailable)),
    ];
    for (name, answer, expected) in rows {
        assert_eq!(a().addresses(&answer), expected, "{name}");
    }
}

#[test]
fn what_is_no_whole_answer_is_none() {
    let huge = answer(0, &vec![record(NAME, 1, "192.0.2.1"); 1_200]);
    assert!(huge.len() > LONGEST_ANSWER);
    let mut cut: Value = serde_json::from_slice(&answer(0, &[record(NAME, 1, "192.0.2.1")])).unwrap();
    cut["TC"] = true.into();
    for bytes in [
        huge.as_slice(),
        cut.to_string().as_bytes(),
        b"",
        b"<html>",
        b"{}",
        b"[]",
        b"null",
        br#"{"Status":"0"}"#,
        br#"{"Status":0,"Answer":{}}"#,
        br#"{"Status":0,"Answer":[{"name":"x","type":1}]}"#,
        br#"{"Status":0,"TC":1}"#,
        b"{\"Status\":0,\"Answer\":[{\"name\":\"crawl.google.com\",\"type\":1,\"data\":\"\xff\"}]}",
    ] {
        assert_eq!(a().addresses(bytes), Err(Unavailable), "{}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(a().addresses(br#"{"Status":0,"Comment":["x"],"edns_client_subnet":"0/0"}"#), Ok(vec![]));
}

#[test]
fn names_of_an_address() {
    let question = Question::reverse("192.0.2.1".parse().unwrap());
    let zone = "1.2.0.192.in-addr.arpa";
    // A zone of less than 256 addresses is handed on by an alias.
    let records = [
        record(zone, 5, "1.0-63.2.0.192.in-addr.arpa."),
        record("1.0-63.2.0.192.in-addr.arpa.", 12, "crawl.google.com."),
        record(zone, 12, "two"),
        record("9.9.9.9.in-addr.arpa", 12, "liar.google.com."),
    ];
    let names = question.names(&answer(0, &records));
    assert_eq!(names, Ok(vec!["crawl.google.com.".to_owned(), "two".to_owned()]));
}

#[test]
fn a_long_chain_of_aliases_ends() {
    let alias = |n: usize| record(&format!("n{n}"), 5, &format!("n{}", n + 1));
    let first = record(NAME, 5, "n0");
    for (length, found) in [(15, 1), (16, 0)] {
        let mut records = vec![first.clone()];
        records.extend((0..length).map(alias));
        records.push(record(&format!("n{length}"), 1, "192.0.2.1"));
        assert_eq!(a().addresses(&answer(0, &records)).unwrap().len(), found, "{length}");
    }
}

proptest! {
    #[test]
    fn no_answer_is_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,200}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let _ = a().addresses(bytes);
        }
    }

    #[test]
    fn what_is_asked_for_needs_no_escaping(name in ".{0,60}") {
        for question in Question::forward(&name).into_iter().flatten() {
            let url = url::Url::parse(&question.url("https://dns.tld/q")).unwrap();
            let pairs: Vec<_> = url.query_pairs().collect();
            prop_assert_eq!(pairs.len(), 2);
            prop_assert_eq!(pairs[0].1.clone().into_owned(), bare(&name));
        }
    }
}
