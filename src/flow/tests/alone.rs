//! One process at a time does it, whatever becomes of the others.

use crate::flow::{Post, alone};
use crate::memory::{Call, Fault, MemoryHome, MemoryLock, Passing, Side};
use crate::ports::{Clock, Home, Lock};
use core::cell::RefCell;
use core::convert::Infallible;
use core::time::Duration;
use futures_executor::block_on;
use futures_util::future::{join, pending, select};
use std::pin::pin;
use std::rc::Rc;

const SECOND: Duration = Duration::from_secs(1);
const POST: Post = Post {
    lock: "sweep",
    work: "the sweep",
    stage: "sweep",
    ttl: Duration::from_mins(5),
    ask_every: Duration::from_secs(10),
};

/// Who worked when, in seconds since the beginning.
type Diary = Rc<RefCell<Vec<(&'static str, u64)>>>;

struct World {
    home: MemoryHome,
    lock: MemoryLock,
    diary: Diary,
}

impl World {
    fn new() -> Self {
        let home = MemoryHome::builder().passing(Passing::ByItself).build().unwrap();
        let lock = home.locks();
        Self { home, lock, diary: Diary::default() }
    }

    /// A process that works every ten seconds when it may, and ends after `life`.
    async fn process(&self, name: &'static str, life: Duration) {
        let began = self.home.clock().now();
        let work = || self.work(name, began);
        alone(&self.home, &self.lock, POST, work, self.home.clock().sleep(life)).await;
    }

    /// The same, killed after `life`.
    async fn doomed(&self, name: &'static str, life: Duration) {
        let began = self.home.clock().now();
        let work = || self.work(name, began);
        let lives = alone(&self.home, &self.lock, POST, work, pending());
        select(pin!(lives), pin!(self.home.clock().sleep(life))).await;
    }

    async fn work(&self, name: &'static str, began: crate::calendar::Timestamp) -> Infallible {
        loop {
            let passed = self.home.clock().now().since(began).as_secs();
            self.diary.borrow_mut().push((name, passed));
            self.home.clock().sleep(SECOND * 10).await;
        }
    }

    async fn later(&self, after: u64, then: impl Future<Output = ()>) {
        self.home.clock().sleep(SECOND * u32::try_from(after).unwrap()).await;
        then.await;
    }

    /// When somebody worked first and last.
    fn span(&self, name: &str) -> Option<(u64, u64)> {
        let diary = self.diary.borrow();
        let mut times = diary.iter().filter(|(who, _)| *who == name).map(|(_, time)| *time);
        let first = times.next()?;
        Some((first, times.next_back().unwrap_or(first)))
    }
}

#[test]
fn of_two_processes_one_works() {
    let world = World::new();
    block_on(join(world.process("one", SECOND * 1_000), world.process("two", SECOND * 990)));
    assert_eq!(world.span("one"), Some((0, 1_000 - 10)));
    assert_eq!(world.span("two"), None);
    let renewals = world.home.faults().calls().into_iter().filter(|call| *call == Call::RenewLock).count();
    assert_eq!(renewals, 9, "at each third of five minutes");
}

#[test]
fn one_that_ends_hands_over_within_the_time_between_two_questions() {
    let world = World::new();
    block_on(join(world.process("one", SECOND * 25), world.process("two", SECOND * 100)));
    assert_eq!(world.span("one"), Some((0, 20)));
    let (first, _) = world.span("two").expect("it takes over");
    assert!((25..=35).contains(&first), "{first}");
}

#[test]
fn one_that_dies_is_followed_when_its_time_is_over() {
    let world = World::new();
    let second = world.later(1, world.process("two", SECOND * 900));
    block_on(join(world.doomed("one", SECOND * 150), second));
    assert_eq!(world.span("one"), Some((0, 140)));
    // It renewed at 100, so its lock ended at 400.
    let (first, _) = world.span("two").expect("it takes over");
    assert!((400 - 1..=410).contains(&first), "{first}");
}

#[test]
fn one_that_lost_it_stops_and_takes_its_turn_again() {
    let world = World::new();
    let theft = world.later(55, async { world.lock.give(POST.lock, "pid=1", SECOND * 200) });
    block_on(join(world.process("one", SECOND * 400), theft));
    let diary = world.diary.borrow().clone();
    let gap: Vec<_> =
        diary.windows(2).filter(|pair| pair[1].1 - pair[0].1 > 10).map(|pair| (pair[0].1, pair[1].1)).collect();
    // It learns of it at the renewal, and the other's time ends at 255.
    assert_eq!(gap.len(), 1, "{diary:?}");
    assert!((90..=100).contains(&gap[0].0) && (255..=265).contains(&gap[0].1), "{gap:?}");
    assert_eq!(world.home.journal().find("sweep", "lock_lost").len(), 1);
}

#[test]
fn a_renewal_that_fails_stops_the_work_until_one_succeeds() {
    let world = World::new();
    for n in 0..5 {
        world.home.faults().at_call(Call::RenewLock, n, Fault::Fail(Side::Before));
    }
    block_on(world.process("one", SECOND * 300));
    let diary = world.diary.borrow().clone();
    let idle: Vec<_> = diary.iter().filter(|(_, time)| (101..150).contains(time)).collect();
    assert!(idle.is_empty(), "not confirmed, and yet: {idle:?}");
    assert!(diary.iter().any(|(_, time)| *time >= 150), "confirmed again: {diary:?}");
    assert_eq!(world.home.journal().find("sweep", "lock_unavailable").len(), 1, "an outage is one line");
}

#[test]
fn who_is_stopped_lets_it_go_whatever_it_does() {
    for life in [0, 1, 10, 99, 100, 101] {
        let world = World::new();
        block_on(world.process("one", SECOND * life));
        let next = block_on(world.lock.acquire(POST.lock, SECOND));
        assert!(matches!(next, Ok(Some(_))), "stopped after {life} s");
    }
}

#[test]
fn a_lock_that_nobody_can_be_asked_about_is_asked_about_again() {
    let world = World::new();
    world.home.faults().at_call(Call::AcquireLock, 0, Fault::Fail(Side::Before));
    world.home.faults().at_call(Call::AcquireLock, 1, Fault::Fail(Side::Before));
    block_on(world.process("one", SECOND * 50));
    assert_eq!(world.span("one"), Some((20, 40)));
}
