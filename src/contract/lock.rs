//! What every lock promises, wherever it is kept.
//!
//! They need no clock that stands still: how time passes is the subject's.

use super::{Case, LockSubject};
use crate::ports::{HeldLock, Lock};
use core::time::Duration;

/// Long enough for a case that does not wait for its end.
const LONG: Duration = Duration::from_mins(5);

/// As short as a case can wait for.
const SHORT: Duration = Duration::from_millis(250);

const NAME: &str = "contract";
const OTHER: &str = "contract-other";

macro_rules! promises {
    ($(#[$doc:meta])* $list:ident: $($case:ident),+ $(,)?) => {
        $(#[$doc])*
        pub fn $list<S: LockSubject>() -> Vec<Case<S>> {
            vec![$(Case {
                name: concat!("lock::", stringify!($case)),
                run: |subject| Box::pin($case(subject)),
            }),+]
        }
    };
}

promises!(
    /// What every lock promises.
    lock_cases:
    one_process_holds_it,
    every_holder_has_a_token_of_its_own,
    what_was_let_go_can_be_taken,
    only_the_holder_renews,
    only_the_holder_lets_go,
    letting_go_twice_is_no_harm,
    names_are_independent,
    of_many_at_once_one_gets_it,
    a_dead_holder_keeps_it_no_longer_than_its_time,
);

promises!(
    /// What a lock promises beside that whose holders may lose it while they live.
    expiring_lock_cases:
    what_is_not_renewed_ends,
    what_is_renewed_lasts,
    one_who_lost_it_neither_renews_it_nor_lets_it_go,
);

async fn one_process_holds_it<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    take(&one, LONG).await;
    assert_eq!(other.acquire(NAME, LONG).await, Ok(None), "another process");
    assert_eq!(one.acquire(NAME, LONG).await, Ok(None), "not even its holder gets it twice");
}

async fn every_holder_has_a_token_of_its_own<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    let first = take(&one, LONG).await;
    assert_eq!(one.release(&first).await, Ok(true));
    let second = take(&other, LONG).await;
    assert_eq!(other.release(&second).await, Ok(true));
    let third = take(&one, LONG).await;
    assert!(first.token != second.token && second.token != third.token && first.token != third.token);
}

async fn what_was_let_go_can_be_taken<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    let held = take(&one, LONG).await;
    assert_eq!(one.release(&held).await, Ok(true));
    take(&other, LONG).await;
}

async fn only_the_holder_renews<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    let held = take(&one, LONG).await;
    assert_eq!(one.renew(&held, LONG).await, Ok(true));
    assert_eq!(other.renew(&forged(), LONG).await, Ok(false));
    assert_eq!(one.release(&held).await, Ok(true));
    assert_eq!(one.renew(&held, LONG).await, Ok(false), "it was let go");
    assert!(other.acquire(NAME, LONG).await.expect("acquire").is_some(), "a renewal takes nothing");
}

async fn only_the_holder_lets_go<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    let held = take(&one, LONG).await;
    assert_eq!(other.release(&forged()).await, Ok(false));
    assert_eq!(other.acquire(NAME, LONG).await, Ok(None), "it is held still");
    assert_eq!(one.release(&held).await, Ok(true));
}

async fn letting_go_twice_is_no_harm<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    let first = take(&one, LONG).await;
    assert_eq!(one.release(&first).await, Ok(true));
    let second = take(&other, LONG).await;
    assert_eq!(one.release(&first).await, Ok(false));
    assert_eq!(other.renew(&second, LONG).await, Ok(true), "it is the other's still");
}

async fn names_are_independent<S: LockSubject>(subject: &S) {
    let one = subject.process().await;
    let first = take(&one, LONG).await;
    let second = one.acquire(OTHER, LONG).await.expect("acquire").expect("nobody holds it");
    assert_eq!(one.release(&first).await, Ok(true));
    assert_eq!(one.renew(&second, LONG).await, Ok(true));
}

async fn of_many_at_once_one_gets_it<S: LockSubject>(subject: &S) {
    let mut processes = Vec::new();
    for _ in 0..8 {
        processes.push(subject.process().await);
    }
    let tries = processes.iter().map(|process| process.acquire(NAME, LONG));
    let got = futures_util::future::join_all(tries).await;
    assert_eq!(got.iter().filter(|got| matches!(got, Ok(Some(_)))).count(), 1, "{got:?}");
}

async fn a_dead_holder_keeps_it_no_longer_than_its_time<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    take(&one, SHORT).await;
    assert_eq!(other.acquire(NAME, SHORT).await, Ok(None));
    drop(one);
    subject.wait(SHORT).await;
    take(&other, SHORT).await;
}

async fn what_is_not_renewed_ends<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    let held = take(&one, SHORT).await;
    subject.wait(SHORT).await;
    assert_eq!(one.renew(&held, LONG).await, Ok(false), "it is over, though nobody else has it");
    take(&other, LONG).await;
}

async fn what_is_renewed_lasts<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    let held = take(&one, SHORT).await;
    assert_eq!(one.renew(&held, LONG).await, Ok(true));
    subject.wait(SHORT).await;
    assert_eq!(other.acquire(NAME, LONG).await, Ok(None));
    assert_eq!(one.renew(&held, SHORT).await, Ok(true), "a shorter time counts as well");
    subject.wait(SHORT).await;
    take(&other, LONG).await;
}

async fn one_who_lost_it_neither_renews_it_nor_lets_it_go<S: LockSubject>(subject: &S) {
    let (one, other) = (subject.process().await, subject.process().await);
    let stale = take(&one, SHORT).await;
    subject.wait(SHORT).await;
    let held = take(&other, LONG).await;
    assert_eq!(one.renew(&stale, LONG).await, Ok(false));
    assert_eq!(one.release(&stale).await, Ok(false));
    assert_eq!(other.renew(&held, LONG).await, Ok(true), "it is the other's still");
}

async fn take<L: Lock>(process: &L, ttl: Duration) -> HeldLock {
    process.acquire(NAME, ttl).await.expect("acquire").expect("nobody holds it")
}

/// What somebody would hold who never took it.
fn forged() -> HeldLock {
    HeldLock { name: NAME, token: "forged".to_owned() }
}
