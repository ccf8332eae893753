//! What the tests of the flows rely on.

use super::*;
use crate::calendar::Timestamp;
use crate::delivery::outcome::SendError;
use crate::delivery::{Loopback, TargetUrl, UrlPolicy};
use crate::ports::{Clock, Entropy, Fetch, Home, Names, NamesError, Outgoing, Queue, Tls};
use core::time::Duration;
use futures_executor::block_on;
use futures_util::future::{Either, join, select};
use std::sync::Arc;

const SECOND: Duration = Duration::from_secs(1);
const URL: &str = "https://hooks.receiver.tld/in";

fn home() -> MemoryHome {
    MemoryHome::builder().build().unwrap()
}

fn request(timeout: Duration) -> Outgoing {
    let policy = UrlPolicy { loopback: Loopback::Refused, own_hosts: Vec::new() };
    Outgoing {
        url: TargetUrl::parse(URL, &policy).unwrap(),
        headers: vec![("webhook-id".to_owned(), "1".to_owned())],
        body: bytes::Bytes::from_static(b"{}"),
        timeout,
        tls: Tls::Verified,
        max_answer: 4,
    }
}

#[test]
fn time_jumps_from_one_end_of_a_sleep_to_the_next() {
    let home = home();
    let (clock, began) = (home.clock(), home.clock().now());
    let woke = |seconds: u32| async move {
        clock.sleep(SECOND * seconds).await;
        clock.now().since(began)
    };
    assert_eq!(block_on(join(woke(3), join(woke(1), woke(2)))), (SECOND * 3, (SECOND, SECOND * 2)));
    assert_eq!(clock.now().since(began), SECOND * 3);
}

/// Sleeping again and again must not let a longer sleep go first: leases are renewed that way.
#[test]
fn a_short_sleep_repeats_within_a_long_one() {
    let home = home();
    let clock = home.clock();
    let rounds = block_on(async {
        let mut long = core::pin::pin!(clock.sleep(SECOND * 65));
        let mut rounds = 0;
        loop {
            match select(long.as_mut(), core::pin::pin!(clock.sleep(SECOND * 20))).await {
                Either::Left(_) => return rounds,
                Either::Right(_) => rounds += 1,
            }
        }
    });
    assert_eq!(rounds, 3);
}

#[test]
fn by_hand_time_stands_still_until_it_is_moved() {
    let home = MemoryHome::builder().passing(Passing::ByHand).build().unwrap();
    let clock = home.clock();
    let mut sleep = core::pin::pin!(clock.sleep(SECOND));
    let mut poll = || block_on(core::future::poll_fn(|cx| core::task::Poll::Ready(sleep.as_mut().poll(cx))));
    assert!(poll().is_pending() && poll().is_pending());
    clock.advance(Duration::from_millis(999));
    assert!(poll().is_pending());
    clock.advance(Duration::from_millis(1));
    assert!(poll().is_ready());
}

#[test]
fn the_same_seed_gives_the_same_numbers() {
    let draw = |seed| {
        let entropy = MemoryEntropy::new(seed);
        [entropy.random(), entropy.random()]
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    assert_ne!(draw(1)[0], draw(1)[1]);
}

#[test]
fn receivers_answer_by_script_and_remember() {
    let home = home();
    let fetch = home.fetch();
    let send = || block_on(fetch.send(request(SECOND * 15)));
    assert_eq!(send(), Err(SendError::Dns), "nobody is there");
    assert!(fetch.received().is_empty());
    fetch.script(URL, [Reply::status(503, "").retry_after("7"), Reply::status(200, "in time")]);
    assert_eq!(send().unwrap().retry_after.as_deref(), Some("7"));
    let last = send().unwrap();
    assert_eq!((last.status, last.body.as_slice()), (200, b"in t".as_slice()), "cut at what may be read");
    assert_eq!(send().unwrap().status, 200, "the last answer is given for ever");
    let received = fetch.received();
    assert_eq!((received.len(), received[0].header("webhook-id"), received[0].status), (3, Some("1"), Some(503)));
}

#[test]
fn a_receiver_that_takes_too_long_has_the_request() {
    let home = home();
    let began = home.clock().now();
    home.fetch().script(URL, [Reply::status(200, "").after(SECOND * 20)]);
    assert_eq!(block_on(home.fetch().send(request(SECOND * 15))), Err(SendError::Timeout));
    assert_eq!((home.clock().now().since(began), home.fetch().received().len()), (SECOND * 15, 1));
}

#[test]
fn a_fault_strikes_once_on_its_side() {
    for (side, arrived, error) in [(Side::Before, 0, SendError::Connect), (Side::After, 1, SendError::Timeout)] {
        let home = home();
        home.fetch().script(URL, [Reply::status(200, "")]);
        home.faults().at(1, Fault::Fail(side));
        block_on(home.queue().nudge());
        assert_eq!(block_on(home.fetch().send(request(SECOND))), Err(error));
        assert_eq!(home.fetch().received().len(), arrived);
        assert!(block_on(home.fetch().send(request(SECOND))).is_ok());
        assert_eq!(home.faults().calls(), [Call::Nudge, Call::Send, Call::Send]);
    }
}

#[test]
fn an_outage_lasts_until_it_is_over() {
    let home = home();
    let address = "192.0.2.1".parse().unwrap();
    home.names().set_reverse(address, &["host.tld"]);
    home.names().set_forward("host.tld", &[address]);
    home.faults().every(Call::Reverse, Fault::Fail(Side::Before));
    for _ in 0..3 {
        assert_eq!(block_on(home.names().reverse(address)), Err(NamesError::Unavailable));
    }
    assert_eq!(block_on(home.names().forward("host.tld")), Ok(vec![address]));
    home.faults().clear();
    assert_eq!(block_on(home.names().reverse(address)), Ok(vec!["host.tld".to_owned()]));
    assert_eq!(block_on(home.names().forward("nobody.tld")), Ok(Vec::new()));
}

/// A process that dies runs nothing more, not even what it had begun side by side.
#[test]
fn a_cut_drops_the_flow_where_it_stands() {
    for (side, nudges) in [(Side::Before, 1), (Side::After, 2)] {
        let home = home();
        home.faults().at_call(Call::Nudge, 1, Fault::Cut(side));
        let guard = Arc::new(());
        let held = Arc::clone(&guard);
        let flow = async {
            home.queue().nudge().await;
            join(home.queue().nudge(), home.queue().nudge()).await;
            home.queue().nudge().await;
            drop(held);
        };
        assert_eq!(block_on(home.faults().until_cut(flow)), None);
        assert_eq!((home.queue().nudges(), Arc::strong_count(&guard)), (nudges, 1), "{side:?}");
        home.faults().revive();
        block_on(home.queue().nudge());
        assert_eq!(home.queue().nudges(), nudges + 1);
    }
}

#[test]
fn a_flow_that_is_not_cut_ends() {
    let home = home();
    assert_eq!(block_on(home.faults().until_cut(async { 7 })), Some(7));
}

#[test]
fn wrong_settings_are_told() {
    assert!(MemoryHome::builder().setting("POLLING_TIMEZONE", "Europe/Lutece").build().is_err());
    let at = Timestamp::from_millis(5);
    assert_eq!(MemoryHome::builder().at(at).seed(3).build().unwrap().clock().now(), at);
}

/// The store in memory keeps what every store promises.
mod contract {
    use super::*;
    use crate::contract::{Subject, cases};

    impl Subject for MemoryHome {
        type Ledger = MemoryStore;
        type Config = MemoryStore;

        fn ledger(&self) -> &MemoryStore {
            Home::ledger(self)
        }

        fn config(&self) -> &MemoryStore {
            Home::config(self)
        }

        async fn set_time(&self, now: Timestamp) {
            self.clock().set(now);
        }
    }

    #[test]
    fn every_promise() {
        let broken: Vec<_> = cases::<MemoryHome>()
            .into_iter()
            .filter(|case| {
                std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| block_on(case.run(&home())))).is_err()
            })
            .map(|case| case.name)
            .collect();
        assert!(broken.is_empty(), "{broken:#?}");
    }
}

/// The locks of memory, under the contract.
struct Locks(MemoryHome);

impl crate::contract::LockSubject for Locks {
    type Lock = MemoryLock;

    async fn process(&self) -> MemoryLock {
        self.0.locks()
    }

    async fn wait(&self, time: Duration) {
        self.0.clock().sleep(time).await;
    }
}

#[test]
fn locks_keep_every_promise() {
    use crate::contract::{expiring_lock_cases, lock_cases};
    let cases: Vec<_> = lock_cases().into_iter().chain(expiring_lock_cases()).collect();
    assert_eq!(cases.len(), 12);
    for case in cases {
        block_on(case.run(&Locks(home())));
    }
}
