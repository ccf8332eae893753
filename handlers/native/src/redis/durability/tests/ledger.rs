//! The ledger of a running server, guarded.

use super::*;
use crate::redis::{RedisLedger, StoreTime};
use render_signal::calendar::Timestamp;
use render_signal::ledger::Verdict::Accept;
use render_signal::ledger::{Admission, Admitted, Dedup, LeaseRequest, NewMail};
use render_signal::mail::{BodyDigest, EmailId, Mail, MailId, SenderEmail, Source};
use render_signal::ports::Ledger as _;

/// The ledger of a running server on a Redis that would lose mails: nothing is written, and what was taken is worked on.
#[tokio::test]
async fn a_guarded_ledger_takes_nothing_that_would_be_lost() {
    let server = RedisServer::without_waitaof(DURABLE);
    let (link, durability) = guard(&server, Volatile::Refused).await;
    let ledger = RedisLedger::new(link.clone(), "v".to_owned(), StoreTime::Server, Duration::from_hours(1));
    ledger.prepare().await.unwrap();
    let ledger = ledger.guarded(durability.clone());
    let admission = Admission { verdict: Accept { group: None }, dedup: Dedup::On, config_version: 0 };
    assert!(matches!(ledger.admit(mail("first"), admission.clone()).await, Ok(Admitted::Queued(_))));
    let () = server.ask(&["CONFIG", "SET", "appendfsync", "everysec"]);
    let _ = link.command(redis::cmd("CLIENT").arg(&["KILL", "TYPE", "normal", "SKIPME", "no"])).await;
    let start = Instant::now();
    while durability.promise() != Promise::Broken {
        assert!(start.elapsed() < Duration::from_secs(5));
        let _ = link.command(&redis::cmd("PING")).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let keys: u64 = server.ask(&["DBSIZE"]);
    for name in ["second", "first"] {
        let refused = ledger.admit(mail(name), admission.clone()).await;
        assert!(matches!(&refused, Err(LedgerError::NotDurable(_))), "{refused:?}");
    }
    assert_eq!(server.ask::<u64>(&["DBSIZE"]), keys);
    let batch = ledger.lease_due(LeaseRequest { max: 8, per_target: 4, hourly: None }).await.unwrap();
    assert_eq!(batch.leases.len(), 1);
}

/// What is known may have been written a moment ago, and is waited for like a new one.
#[tokio::test]
async fn a_repeat_waits_for_the_disk_too() {
    let Some(server) = RedisServer::with_waitaof(EVERYSEC) else { return };
    let (link, durability) = guard(&server, Volatile::Refused).await;
    let ledger = RedisLedger::new(link.clone(), "v".to_owned(), StoreTime::Server, Duration::from_hours(1));
    ledger.prepare().await.unwrap();
    let ledger = ledger.guarded(durability.clone());
    let admission = Admission { verdict: Accept { group: None }, dedup: Dedup::On, config_version: 0 };
    let mut before = calls(&server, "waitaof");
    for _ in 0..2 {
        ledger.admit(mail("first"), admission.clone()).await.unwrap();
        let now = calls(&server, "waitaof");
        assert!(now > before);
        before = now;
    }
}

fn mail(name: &str) -> NewMail {
    let mail = Mail {
        sender: "a@b.fr".to_owned(),
        sender_email: SenderEmail::from_raw("a@b.fr"),
        subject: name.to_owned(),
        date: String::new(),
        body: "<p>body</p>".to_owned(),
        message_id: Some(name.to_owned()),
        thread_id: None,
    };
    let accepted_at = Timestamp::from_millis(1_775_814_878_000);
    let seed = name.bytes().fold(0, |sum, byte| sum * 256 + u128::from(byte));
    NewMail {
        id: MailId::new(accepted_at, seed),
        email_id: EmailId::of(&mail.subject, &mail.sender_email, &mail.date),
        digest: BodyDigest::of(&mail.body),
        mail,
        source: Source::GmailPush,
        accepted_at,
    }
}
