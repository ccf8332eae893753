//! What must never be read in a log. Every server of the suite has its whole log searched when it ends.

use serde_json::Value;

/// The marks that tokens, secrets, target URLs, senders, subjects (from the fourth word on) and bodies of the suite carry.
const MARKS: [&str; 6] = ["qztoken", "qzsecret", "qzhook", "qzsender", "qzsubject", "qzbody"];

/// `qzsecret` in base64, as the signing secrets of the suite begin.
pub(crate) const SECRET: &str = "whsec_cXpzZWNyZXQtYWJjZGVmZ2hpamtsbW5vcHFyc3R1dg==";
pub(crate) const OLDER_SECRET: &str = "whsec_cXpzZWNyZXQtb2xkZXItYWJjZGVmZ2hpamtsbW5vcA==";
const ENCODED: &str = "cxpzzwnyzxqt";

/// What becomes of a server's log: it is searched, or shown when its test has failed.
pub(crate) fn at_the_end(log: &[String]) {
    if std::thread::panicking() {
        println!("the log ends with\n{}", log[log.len().saturating_sub(40)..].join("\n"));
    } else {
        check(log);
    }
}

/// What workerd says of itself begins so (an alarm that rings a little early), and is no line of ours.
const RUNTIME: &str = "NOSENTRY ";

/// Every line is a JSON object with the fields that readers rely on, and none holds a mark in clear.
pub(crate) fn check(log: &[String]) {
    for line in log {
        if !line.starts_with(RUNTIME) {
            let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            for field in ["time", "level", "stage", "code", "msg"] {
                assert!(object[field].is_string(), "no {field}: {line}");
            }
        }
        let lower = line.to_lowercase();
        let mark = MARKS.iter().chain([&ENCODED]).find(|mark| lower.contains(**mark));
        assert_eq!(mark, None, "in clear in the log: {line}");
    }
}
