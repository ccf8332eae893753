//! A server whose memory is used up refuses mails, and nothing else.

use super::desk::{ALL, Desk, days};
use super::home::{Home, Place};
use crate::redis::server::RedisServer;
use render_signal::ledger::{Fullness, LedgerError, MailState, Next, Retention, Verdict};
use render_signal::mail::MailId;
use render_signal::ports::Ledger;
use std::time::Duration;

const LIMIT: u64 = 16 << 20;

/// Ledgers on a server with little memory.
fn small() -> Place {
    let limit = LIMIT.to_string();
    Place::on(RedisServer::start(&["--maxmemory", &limit, "--maxmemory-policy", "noeviction"]))
}

/// Takes mails that end at once until the store is full.
async fn fill(desk: &Desk<'_>) -> Vec<MailId> {
    let mut taken = Vec::new();
    let body = "x".repeat(50_000);
    for _ in 0..1_000 {
        let mail = desk.mail("Planning", &body);
        let id = mail.id.clone();
        match desk.try_admit(mail, Verdict::Skip(render_signal::ledger::SkipReason::NoLinks)).await {
            Ok(_) => taken.push(id),
            Err(LedgerError::Full) => return taken,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("it is never full");
}

/// Uses up what memory is left, to the last hundred bytes.
async fn exhaust(home: &Home) {
    for size in [100_000, 10_000, 1_000, 100] {
        for n in 0.. {
            let key = format!("filler:{size}:{n}");
            let filled = home.link.command(redis::cmd("SET").arg(key).arg("x".repeat(size))).await;
            if filled.is_err() {
                assert_eq!(filled, Err(crate::redis::LinkError::Full));
                break;
            }
        }
    }
}

#[tokio::test]
async fn without_a_limit_there_is_none() {
    let place = Place::new();
    let home = place.home().await;
    let fullness = home.ledger.fullness().await.unwrap();
    assert!(fullness.used > 100_000, "{fullness:?}");
    assert_eq!((fullness.limit, fullness.percent()), (None, 0));
}

#[tokio::test]
async fn a_store_that_fills_up_refuses_before_it_is_full() {
    let place = small();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let taken = fill(&desk).await;
    let fullness = home.ledger.fullness().await.unwrap();
    assert_eq!(fullness.limit, Some(LIMIT));
    assert!((90..97).contains(&fullness.percent()), "{fullness:?} after {} mails", taken.len());
    let known = desk.mail("Planning", "known");
    // What is refused leaves nothing behind.
    let count = home.ledger.stats().await.unwrap().mails;
    let accept = || Verdict::Accept { group: None };
    assert_eq!(desk.try_admit(known.clone(), accept()).await, Err(LedgerError::Full));
    assert_eq!(home.ledger.stats().await.unwrap().mails, count);
    assert_eq!(home.ledger.life(&known.id).await, Ok(None));
    for mail in &taken {
        assert_eq!(home.ledger.life(mail).await.unwrap().unwrap().mail.state, MailState::Skipped);
    }
}

#[tokio::test]
async fn a_server_that_is_out_of_memory_refuses_by_itself() {
    let place = small();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let (mail, tokens) = desk.sending("under way", &["a"]).await;
    // The reading of a moment ago says that there is room.
    exhaust(&home).await;
    let refused = desk.try_admit(desk.mail("Planning", "x"), Verdict::Accept { group: None }).await;
    assert_eq!(refused, Err(LedgerError::Full));
    assert_eq!(home.ledger.renew(&tokens[0]).await, Ok(true));
    desk.record(&tokens[0], Next::Failed).await;
    assert_eq!(home.ledger.dismiss(&mail).await, Ok(1));
}

#[tokio::test]
async fn a_known_mail_is_answered_by_a_full_store() {
    let place = small();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let mail = desk.mail("Planning", "known");
    let accept = || Verdict::Accept { group: None };
    desk.try_admit(mail.clone(), accept()).await.unwrap();
    fill(&desk).await;
    let again = desk.try_admit(mail.clone(), accept()).await;
    assert_eq!(again, Ok(render_signal::ledger::Admitted::Known { mail: mail.id, ended: false }));
}

#[tokio::test]
async fn a_full_store_records_what_is_under_way_and_heals() {
    let place = small();
    let home = place.home().await;
    let desk = Desk::at(&home);
    let (mail, tokens) = desk.sending("under way", &["a", "b", "c"]).await;
    let waiting = desk.take("waiting").await;
    let taken = fill(&desk).await;
    exhaust(&home).await;
    // The reading is still young: it is the server that refuses.
    let refused = desk.try_admit(desk.mail("Planning", "x"), Verdict::Accept { group: None }).await;
    assert_eq!(refused, Err(LedgerError::Full));
    // Whoever works goes on working.
    assert_eq!(home.ledger.renew(&tokens[0]).await, Ok(true));
    desk.record(&tokens[0], Next::Delivered).await;
    desk.record(&tokens[1], Next::Retry(desk.now())).await;
    desk.record(&tokens[2], Next::Failed).await;
    let life = home.ledger.life(&mail).await.unwrap().unwrap();
    assert_eq!(
        (life.mail.state, life.deliveries.iter().map(|one| one.attempts.len()).sum::<usize>()),
        (MailState::Retrying, 3)
    );
    let leases = home.ledger.lease_due(ALL).await.unwrap().leases;
    assert_eq!(leases.len(), 2, "the retry and the mail that waits");
    for lease in &leases {
        if lease.mail.id == waiting {
            let hold = render_signal::ledger::Plan::Hold {
                reason: render_signal::ledger::HoldReason::NoTarget,
                until: None,
                detector: None,
            };
            home.ledger.plan(&lease.token, hold, ALL).await.unwrap();
        } else {
            desk.record(&lease.token, Next::Delivered).await;
        }
    }
    assert_eq!(home.ledger.replay(&mail).await, Ok(1));
    assert_eq!(home.ledger.dismiss(&waiting).await, Ok(1));
    // The regular round of a crowded store.
    let crowded = Retention { bodies: Duration::ZERO, records: days(30) };
    let mut freed = 0;
    while home.ledger.fullness().await.unwrap().percent() >= Fullness::DEGRADED_PERCENT {
        let swept = home.ledger.sweep(&crowded).await.unwrap();
        freed += swept.bodies;
        if !swept.more {
            break;
        }
    }
    assert!(freed > 0);
    desk.take("there is room again").await;
    for mail in &taken {
        assert!(home.ledger.life(mail).await.unwrap().is_some(), "its record stays");
    }
    let leases = home.ledger.lease_due(ALL).await.unwrap().leases;
    assert!(leases.iter().any(|lease| lease.mail.mail.body == "under way"), "the body of what has not ended stays");
}
