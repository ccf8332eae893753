//! Reading a request's body, bounded in size and in number.

use super::problem::Problem;
use bytes::Bytes;
use core::time::Duration;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use render_signal::calendar::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The size limit of a request, in bytes.
pub(super) const LIMIT: usize = 10 << 20;

/// From this size on a body takes one of the few places for large ones.
const LARGE: usize = 1 << 20;

/// A place that is taken for longer was lost: the native server gives a request two minutes, and nobody uploads 10 MiB so slowly.
const LOST: Duration = Duration::from_mins(10);

/// A body that is read piece by piece, so that nothing is read before the caller is known.
pub trait Incoming {
    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Option<Result<Bytes, ReadError>>;
}

/// The client went away, or sent what is not HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request body could not be read")]
pub struct ReadError;

impl Incoming for Option<Bytes> {
    async fn next(&mut self) -> Option<Result<Bytes, ReadError>> {
        self.take().map(Ok)
    }
}

/// Bodies over 1 MiB are held in memory at most so many at a time.
#[derive(Debug)]
pub struct LargeBodies {
    places: usize,
    /// When each of the taken places was taken.
    taken: Mutex<Vec<Timestamp>>,
}

/// A place for one large body, given back when it is dropped. Cloudflare ends a handler whose client has gone and drops nothing of
/// it: such a place is free again after a while.
#[derive(Debug)]
pub(super) struct Place<'a> {
    large: &'a LargeBodies,
    at: Timestamp,
}

impl LargeBodies {
    /// Room for `places` bodies.
    pub const fn new(places: usize) -> Self {
        Self { places, taken: Mutex::new(Vec::new()) }
    }

    fn take(&self, now: Timestamp) -> Result<Place<'_>, Problem> {
        let mut taken = self.taken();
        taken.retain(|at| now.since(*at) < LOST);
        if taken.len() >= self.places {
            return Err(Problem::busy());
        }
        taken.push(now);
        Ok(Place { large: self, at: now })
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Timestamp>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.large.taken();
        // Not there when it was taken for lost. Of several taken at the same time it does not matter which one goes.
        if let Some(place) = taken.iter().position(|at| *at == self.at) {
            taken.swap_remove(place);
        }
    }
}

/// A body in memory, with its place among the large ones. The place is kept as long as anything made of the body is.
#[derive(Debug)]
pub(super) struct Held<'a> {
    pub(super) bytes: Vec<u8>,
    pub(super) place: Option<Place<'a>>,
}

/// Reads a body that begins to arrive `now`: refused on its announced length first, counted while it is read.
pub(super) async fn read<'a, B: Incoming>(
    headers: &HeaderMap,
    mut body: B,
    large: &'a LargeBodies,
    now: Timestamp,
) -> Result<Held<'a>, Problem> {
    let announced = announced_length(headers)?;
    let mut place = if announced > LARGE { Some(large.take(now)?) } else { None };
    let mut bytes = Vec::with_capacity(announced);
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|ReadError| Problem::unreadable_body())?;
        if bytes.len() + piece.len() > LIMIT {
            return Err(Problem::too_large());
        }
        bytes.extend_from_slice(&piece);
        if bytes.len() > LARGE && place.is_none() {
            place = Some(large.take(now)?);
        }
    }
    // A stream that ends early is not always an error of the platform's.
    if bytes.len() < announced {
        return Err(Problem::unreadable_body());
    }
    Ok(Held { bytes, place })
}

/// The length that the client announces, 0 when it announces none. More than memory can address is too large as well: a
/// Worker has 32 bits.
fn announced_length(headers: &HeaderMap) -> Result<usize, Problem> {
    let value = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let length: u64 = value.and_then(|value| value.parse().ok()).unwrap_or(0);
    usize::try_from(length).ok().filter(|length| *length <= LIMIT).ok_or_else(Problem::too_large)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_executor::block_on;

    const START: Timestamp = Timestamp::from_millis(0);

    struct Pieces(Vec<usize>);

    impl Incoming for Pieces {
        async fn next(&mut self) -> Option<Result<Bytes, ReadError>> {
            self.0.pop().map(|size| Ok(Bytes::from(vec![b'a'; size])))
        }
    }

    fn status(result: Result<Held<'_>, Problem>) -> Result<usize, u16> {
        result.map(|held| held.bytes.len()).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn counts_while_reading() {
        let large = LargeBodies::new(1);
        let none = HeaderMap::new();
        assert_eq!(status(block_on(read(&none, Pieces(vec![LIMIT]), &large, START))), Ok(LIMIT));
        assert_eq!(status(block_on(read(&none, Pieces(vec![1, LIMIT]), &large, START))), Err(413));
    }

    #[test]
    fn an_announced_length_is_refused_unread() {
        for length in [10_485_761, 1 << 32, 1 << 40, u64::MAX] {
            let headers = HeaderMap::from_iter([(CONTENT_LENGTH, length.into())]);
            assert_eq!(
                status(block_on(read(&headers, Pieces(vec![1]), &LargeBodies::new(1), START))),
                Err(413),
                "{length}"
            );
        }
    }

    #[test]
    fn large_bodies_wait_their_turn() {
        let large = LargeBodies::new(1);
        let none = HeaderMap::new();
        let first = block_on(read(&none, Pieces(vec![LARGE + 1]), &large, START)).unwrap();
        assert_eq!(status(block_on(read(&none, Pieces(vec![LARGE + 1]), &large, START))), Err(503));
        assert_eq!(
            status(block_on(read(&none, Pieces(vec![LARGE]), &large, START))),
            Ok(LARGE),
            "a small one needs no place"
        );
        drop(first);
        assert_eq!(status(block_on(read(&none, Pieces(vec![LARGE + 1]), &large, START))), Ok(LARGE + 1));
    }

    /// What Cloudflare does to a handler whose client has gone: it is never polled again, and never dropped.
    #[test]
    fn a_place_that_nobody_gives_back_is_free_again() {
        let large = LargeBodies::new(1);
        core::mem::forget(large.take(START).unwrap());
        assert!(large.take(START.plus(LOST).minus(Duration::from_millis(1))).is_err());
        let second = large.take(START.plus(LOST)).unwrap();
        assert!(large.take(START.plus(LOST)).is_err(), "it is one place, not two");
        drop(second);
        assert!(large.take(START.plus(LOST)).is_ok());
    }
}
