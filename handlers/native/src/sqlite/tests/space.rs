//! How much room is left.

use super::folder::{Home, accept, mail};
use render_signal::ledger::{Admission, Retention, SkipReason, Verdict};
use render_signal::ports::Ledger;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn what_was_swept_is_room_again() {
    let home = Home::new();
    let skip = Admission { verdict: Verdict::Skip(SkipReason::NoLinks), ..accept() };
    for n in 0..5 {
        home.store.admit(mail(n, 2 << 20), skip.clone()).await.unwrap();
    }
    let full = home.store.fullness().await.unwrap();
    assert!(full.used > 10 << 20, "{full:?}");
    home.time.set(home.time.now().plus(DAY * 8));
    assert_eq!(home.store.sweep(&Retention { bodies: DAY * 7, records: DAY * 30 }).await.unwrap().bodies, 5);
    let swept = home.store.fullness().await.unwrap();
    assert!(swept.used + (9 << 20) < full.used, "{full:?}, then {swept:?}");
    for n in 10..14 {
        home.store.admit(mail(n, 2 << 20), skip.clone()).await.unwrap();
    }
    let again = home.store.fullness().await.unwrap();
    assert!(again.used > swept.used + (7 << 20), "{swept:?}, then {again:?}");
}

#[tokio::test]
async fn the_log_counts_and_the_limit_is_what_the_disk_holds() {
    let home = Home::new();
    let before = home.store.fullness().await.unwrap();
    home.store.admit(mail(1, 1 << 20), accept()).await.unwrap();
    let after = home.store.fullness().await.unwrap();
    assert!(after.used >= before.used + (1 << 20), "{before:?}, then {after:?}");
    assert!(after.limit.is_some_and(|limit| limit > after.used));
}
