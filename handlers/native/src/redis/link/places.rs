//! How much may be under way to Redis at once: what a server that does not answer may cost in memory.

use super::LinkError;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Callers, waiting ones among them. Whoever comes after them is refused at once.
const CALLERS: usize = 2_048;

/// Calls under way.
const CALLS: usize = 256;

/// What calls under way carry, in KiB: the small ones together, and the large ones. A mail of the greatest size has room.
const SMALL_KIB: usize = 8 << 10;
const LARGE_KIB: usize = 16 << 10;

/// A call that carries more is large: it goes over a connection of its own kind, so that small ones do not wait behind it.
const LARGE: usize = 256 << 10;

/// What a call carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Small,
    Large,
}

impl Size {
    pub(super) fn of(bytes: usize) -> Self {
        if bytes > LARGE { Self::Large } else { Self::Small }
    }
}

/// The places of calls.
pub(super) struct Places {
    callers: Semaphore,
    calls: Semaphore,
    small: Semaphore,
    large: Semaphore,
}

/// A caller that was let in.
pub(super) struct Caller<'a> {
    places: &'a Places,
    _caller: SemaphorePermit<'a>,
}

/// The place of one call, given back when it is dropped.
pub(super) struct Place<'a> {
    _call: SemaphorePermit<'a>,
    _bytes: SemaphorePermit<'a>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self {
            callers: Semaphore::new(CALLERS),
            calls: Semaphore::new(CALLS),
            small: Semaphore::new(SMALL_KIB),
            large: Semaphore::new(LARGE_KIB),
        }
    }

    /// Lets a caller in, or says at once that there are too many.
    pub(super) fn enter(&self) -> Result<Caller<'_>, LinkError> {
        let entered = self.callers.try_acquire();
        let caller = entered.map_err(|_| LinkError::unavailable("too many calls wait for Redis"))?;
        Ok(Caller { places: self, _caller: caller })
    }
}

impl<'a> Caller<'a> {
    /// Waits for a place for so many bytes. What is larger than all room has it alone.
    pub(super) async fn place(&self, bytes: usize) -> Option<Place<'a>> {
        let (room, most) = match Size::of(bytes) {
            Size::Small => (&self.places.small, SMALL_KIB),
            Size::Large => (&self.places.large, LARGE_KIB),
        };
        let kib = u32::try_from(bytes.div_ceil(1 << 10).clamp(1, most)).ok()?;
        let bytes = room.acquire_many(kib).await.ok()?;
        let call = self.places.calls.acquire().await.ok()?;
        Some(Place { _call: call, _bytes: bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn callers_are_refused_beyond_the_bound() {
        let places = Places::new();
        let callers: Vec<_> = (0..CALLERS).map(|_| places.enter().unwrap()).collect();
        assert!(matches!(places.enter(), Err(LinkError::Unavailable(_))));
        drop(callers);
        assert!(places.enter().is_ok());
    }

    #[test]
    fn what_is_under_way_is_bounded_in_number_and_in_bytes() {
        let places = Places::new();
        let caller = places.enter().unwrap();
        let at_once = |bytes| caller.place(bytes).now_or_never().flatten();
        let held: Vec<_> = std::iter::from_fn(|| at_once(10)).collect();
        assert_eq!(held.len(), CALLS);
        drop(held);
        let held: Vec<_> = std::iter::from_fn(|| at_once(64 << 10)).collect();
        assert_eq!(held.len(), SMALL_KIB / 64);
        assert!(held.len() < CALLS);
        // A large one has room of its own: one of the greatest size, and then no second one.
        let large = at_once(10 << 20).unwrap();
        assert!(at_once(10 << 20).is_none());
        drop((held, large));
        assert!(at_once(1 << 30).is_some());
    }
}
