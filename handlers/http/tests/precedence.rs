//! The order of the checks of a push. Each obstacle is one row of the contract; whatever else is wrong with the same push,
//! the first one answers.

use super::site::{GMAIL, MemorySite, Pieces, TOKEN, mail, refusal, taken};
use crate::http::{ReadError, Site};
use futures_executor::block_on;
use http::{HeaderMap, HeaderValue, Request};
use render_signal::config::DocumentKey;
use render_signal::ledger::{Admission, Dedup, NewMail, Verdict};
use render_signal::mail::{BodyDigest, EmailId, Mail, MailId, SenderEmail, Source};
use render_signal::memory::{Call, Fault, Side};
use render_signal::ports::{Clock, Home, Ledger};
use serde_json::{Value, json};

/// What can be wrong, in the order in which it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    NotConfigured,
    WrongToken,
    TooMany,
    NamesDown,
    NotGoogle,
    TooLarge,
    Busy,
    Unreadable,
    NotJson,
    NoSender,
    NoBody,
    ConfigDown,
    IngressDisabled,
    LedgerDown,
    Known,
    SenderNotAllowed,
    SendingDisabled,
}

use Obstacle::{
    Busy, ConfigDown, IngressDisabled, Known, LedgerDown, NamesDown, NoBody, NoSender, NotConfigured, NotGoogle,
    NotJson, SenderNotAllowed, SendingDisabled, TooLarge, TooMany, Unreadable, WrongToken,
};

const ORDER: [Obstacle; 17] = [
    NotConfigured,
    WrongToken,
    TooMany,
    NamesDown,
    NotGoogle,
    TooLarge,
    Busy,
    Unreadable,
    NotJson,
    NoSender,
    NoBody,
    ConfigDown,
    IngressDisabled,
    LedgerDown,
    Known,
    SenderNotAllowed,
    SendingDisabled,
];

impl Obstacle {
    /// The whole answer, and after how many seconds the client comes back.
    fn answer(self) -> ((u16, Value), Option<&'static str>) {
        const DOWN: &str = "Service unavailable";
        match self {
            NotConfigured => (refusal(503, DOWN, "not_configured"), Some("30")),
            WrongToken => (refusal(401, "Unauthorized", "unauthorized"), None),
            TooMany => (refusal(429, "Too many requests", "rate_limited"), Some("60")),
            NamesDown => (refusal(503, DOWN, "names_unavailable"), Some("30")),
            NotGoogle => (refusal(403, "Forbidden: IP not from Google", "not_google"), None),
            TooLarge => (refusal(413, "Request body over 10 MiB", "too_large"), None),
            Busy => (refusal(503, DOWN, "busy"), Some("5")),
            Unreadable => (refusal(408, "Request body could not be read", "unreadable_body"), None),
            NotJson => (refusal(400, "Invalid JSON payload", "invalid_json"), None),
            NoSender => (refusal(400, "Missing field: sender", "missing_sender"), None),
            NoBody => (refusal(400, "Missing field: body", "missing_body"), None),
            ConfigDown => (refusal(503, DOWN, "config_unavailable"), Some("30")),
            IngressDisabled => (refusal(409, "Gmail ingress disabled", "ingress_disabled"), None),
            LedgerDown => (refusal(503, DOWN, "store_unavailable"), Some("30")),
            Known => (taken("already_processing"), None),
            SenderNotAllowed => (taken("skipped_sender_not_allowed"), None),
            SendingDisabled => (refusal(409, "Webhook sending disabled", "sending_disabled"), None),
        }
    }

    fn setting(self) -> Option<(&'static str, &'static str)> {
        match self {
            TooMany => Some(("INGRESS_RATE_PER_MINUTE", "1")),
            NamesDown | NotGoogle => Some(("GMAIL_INGRESS_IP_CHECK_ENABLED", "true")),
            SenderNotAllowed => Some(("GMAIL_SENDER_ALLOWLIST", "somebody@client.example")),
            _ => None,
        }
    }

    /// What has happened at the site before the push.
    fn prepare(self, site: &MemorySite) {
        match self {
            TooMany => site.ingress_rate().take(site.clock().now()).unwrap(),
            NamesDown => site.home.faults().every(Call::Reverse, Fault::Fail(Side::Before)),
            ConfigDown => site.home.faults().every(Call::LoadConfig, Fault::Fail(Side::Before)),
            IngressDisabled => site.configure(DocumentKey::RuntimeFlags, json!({"gmail_ingress_enabled": false})),
            LedgerDown => site.home.faults().every(Call::Admit, Fault::Fail(Side::Before)),
            SendingDisabled => site.configure(DocumentKey::WebhookConfig, json!({"webhook_sending_enabled": false})),
            _ => {}
        }
    }

    fn spoil(self, headers: &mut HeaderMap, mail: &mut Value) {
        let mut put = |name: &'static str, value| headers.insert(name, HeaderValue::from_static(value));
        match self {
            WrongToken => drop(put("authorization", "Bearer wrong")),
            TooLarge => drop(put("content-length", "10485761")),
            NotJson => drop(put("content-type", "text/plain")),
            Busy => {
                headers.entry("content-length").or_insert(HeaderValue::from_static("1048577"));
            }
            NoSender => drop(mail["sender"].take()),
            NoBody => drop(mail["body"].take()),
            _ => {}
        }
    }
}

/// A site and a push with these obstacles, in order, and the answer.
fn meet(obstacles: &[Obstacle]) -> ((u16, Value), Option<String>) {
    let mut settings: Vec<_> = obstacles.iter().filter_map(|obstacle| obstacle.setting()).collect();
    if !obstacles.contains(&NotConfigured) {
        settings.push(("PROCESS_API_TOKEN", TOKEN));
    }
    let site = MemorySite::bare(&settings, if obstacles.contains(&Busy) { 0 } else { 4 });
    if obstacles.contains(&Known) {
        take_before(&site);
    }
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static(TOKEN));
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    let mut mail = mail();
    for obstacle in obstacles {
        obstacle.prepare(&site);
        obstacle.spoil(&mut headers, &mut mail);
    }
    let mut pieces = vec![Ok(mail.to_string().into())];
    if obstacles.contains(&Unreadable) {
        pieces.push(Err(ReadError));
    }
    let mut request = Request::post(GMAIL).body(Pieces(pieces)).unwrap();
    *request.headers_mut() = headers;
    let before = site.mails().len();
    let answer = site.send_from(Some([192, 0, 2, 1].into()), request);
    let new = site.mails().len() - before;
    assert_eq!(new, usize::from(matches!(obstacles.first(), None | Some(SenderNotAllowed))), "{obstacles:?}");
    (answer.told(), answer.header("retry-after").map(str::to_owned))
}

/// The mail is in the ledger, under the configuration that there was.
fn take_before(site: &MemorySite) {
    let sender = "Alice <alice@client.example>";
    let mail = Mail {
        subject: "Hello".to_owned(),
        sender: sender.to_owned(),
        sender_email: SenderEmail::from_raw(sender),
        date: "2026-01-02T03:04:05.000Z".to_owned(),
        body: "<p>Bonjour</p>".to_owned(),
        message_id: None,
        thread_id: None,
    };
    let accepted_at = site.clock().now();
    let new = NewMail {
        id: MailId::new(accepted_at, 7),
        email_id: EmailId::of(&mail.subject, &mail.sender_email, &mail.date),
        digest: BodyDigest::of(&mail.body),
        mail,
        source: Source::GmailPush,
        accepted_at,
    };
    let admission = Admission { verdict: Verdict::Accept { group: None }, dedup: Dedup::On, config_version: 0 };
    block_on(site.ledger().admit(new, admission)).unwrap();
}

fn expect(obstacles: &[Obstacle]) {
    let (told, retry_after) = meet(obstacles);
    let (expected, after) = obstacles[0].answer();
    assert_eq!((told, retry_after.as_deref()), (expected, after), "{obstacles:?}");
}

#[test]
fn without_an_obstacle_a_push_is_queued() {
    assert_eq!(meet(&[]), (taken("queued"), None));
}

#[test]
fn each_obstacle_has_its_answer() {
    for obstacle in ORDER {
        expect(&[obstacle]);
    }
}

#[test]
fn of_two_obstacles_the_first_answers() {
    for (at, first) in ORDER.iter().enumerate() {
        for second in &ORDER[at + 1..] {
            expect(&[*first, *second]);
        }
    }
}

#[test]
fn of_all_obstacles_from_one_on_that_one_answers() {
    for at in 0..ORDER.len() {
        expect(&ORDER[at..]);
    }
}
