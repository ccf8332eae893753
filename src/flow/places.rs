//! So many requests at once, and no more; fewer when they are large.

use core::task::{Poll, Waker};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What one place has room for, in bytes of a mail's body: four of them take the largest mail. A payload is held twice while it is
/// sent, and an isolate has 128 MB for all.
const ROOM: usize = (10 << 20) / 4;

/// Places for outgoing requests. Whoever finds none free waits; the order of waiting is not promised.
#[derive(Debug)]
pub(super) struct Places {
    count: u32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: u32,
    waiting: Vec<Waker>,
}

/// A taken place, or several for one request. They are free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    places: &'a Places,
    taken: u32,
}

impl Places {
    pub(super) const fn new(count: u32) -> Self {
        Self { count, state: Mutex::new(State { free: count, waiting: Vec::new() }) }
    }

    /// More than anybody asks for.
    pub(super) const fn unlimited() -> Self {
        Self::new(u32::MAX)
    }

    /// Takes what the request for a body of `bytes` needs, as soon as it is free: never more than there is.
    pub(super) async fn take(&self, bytes: usize) -> Place<'_> {
        let taken = u32::try_from(bytes.div_ceil(ROOM)).unwrap_or(u32::MAX).clamp(1, self.count.max(1));
        core::future::poll_fn(|cx| {
            let mut state = self.state();
            if let Some(left) = state.free.checked_sub(taken) {
                state.free = left;
                return Poll::Ready(());
            }
            if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                state.waiting.push(cx.waker().clone());
            }
            Poll::Pending
        })
        .await;
        Place { places: self, taken }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.places.state();
        state.free = state.free.saturating_add(self.taken);
        // All of them, because the first may be gone by now; there are few.
        let waiting = core::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use core::sync::atomic::{AtomicU32, Ordering};
    use core::task::Context;
    use futures_executor::block_on;
    use futures_util::FutureExt;
    use futures_util::future::join_all;
    use std::sync::Arc;
    use std::task::Wake;

    #[test]
    fn a_place_is_taken_when_one_is_free_and_not_before() {
        let places = Places::new(2);
        let first = places.take(0).now_or_never().unwrap();
        let second = places.take(0).now_or_never().unwrap();
        assert!(places.take(0).now_or_never().is_none());
        drop(first);
        assert!(places.take(0).now_or_never().is_some());
        drop(second);
    }

    #[test]
    fn a_large_body_takes_several_places_and_never_more_than_there_are() {
        let places = Places::new(4);
        let small = places.take(ROOM).now_or_never().unwrap();
        assert!(places.take(10 << 20).now_or_never().is_none(), "it takes all four");
        assert!(places.take(ROOM + 1).now_or_never().is_some(), "that one two");
        drop(small);
        let all = places.take(usize::MAX).now_or_never().unwrap();
        assert!(places.take(0).now_or_never().is_none());
        drop(all);
        assert!(Places::new(1).take(10 << 20).now_or_never().is_some());
    }

    #[test]
    fn everybody_gets_a_turn_and_never_too_many_at_once() {
        let (places, inside, most, done) = (Places::new(4), Cell::new(0), Cell::new(0), Cell::new(0));
        block_on(join_all((0..50).map(|_| async {
            let _place = places.take(0).await;
            inside.set(inside.get() + 1);
            most.set(most.get().max(inside.get()));
            give_way().await;
            inside.set(inside.get() - 1);
            done.set(done.get() + 1);
        })));
        assert_eq!((most.get(), done.get()), (4, 50));
    }

    #[test]
    fn who_stops_waiting_takes_nobodys_turn() {
        let places = Places::new(1);
        let held = places.take(0).now_or_never().unwrap();
        let mut first = Box::pin(places.take(0));
        let mut second = Box::pin(places.take(0));
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let mut cx = Context::from_waker(&waker);
        assert!(first.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(second.as_mut().poll(&mut cx).is_pending());
        drop(first);
        drop(held);
        assert_eq!(count.0.load(Ordering::Relaxed), 1, "the second is woken");
        assert!(second.as_mut().poll(&mut cx).is_ready());
    }

    #[derive(Default)]
    struct Count(AtomicU32);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Lets everybody else have a turn.
    async fn give_way() {
        let mut gave = false;
        core::future::poll_fn(|cx| {
            if core::mem::replace(&mut gave, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
