//! A limit on requests a minute, for a whole process or isolate.

use super::problem::Problem;
use core::num::NonZeroU32;
use render_signal::calendar::Timestamp;
use std::sync::{Mutex, PoisonError};

/// A request in the bucket's unit: with so many parts to a request, a millisecond refills `per_minute` of them, and nothing
/// is ever rounded away, however often the bucket is looked at.
const REQUEST: u64 = 60_000;

/// A token bucket that holds one minute's worth of requests.
#[derive(Debug)]
pub struct RateLimit {
    per_minute: Option<NonZeroU32>,
    state: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// What is left, in parts of a request.
    left: u64,
    at: Timestamp,
}

impl RateLimit {
    /// At most `per_minute` requests in a minute; `None`, or 0, is no limit.
    pub fn new(per_minute: Option<u32>) -> Self {
        let left = u64::from(per_minute.unwrap_or(0)) * REQUEST;
        let per_minute = per_minute.and_then(NonZeroU32::new);
        Self { per_minute, state: Mutex::new(Bucket { left, at: Timestamp::from_millis(0) }) }
    }

    /// Takes one request's place, or says when to come back. A clock that was set back refills from where it stands now.
    pub(super) fn take(&self, now: Timestamp) -> Result<(), Problem> {
        let Some(per_minute) = self.per_minute.map(|rate| u64::from(rate.get())) else { return Ok(()) };
        let mut bucket = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = u64::try_from(now.since(bucket.at).as_millis()).unwrap_or(u64::MAX);
        let refill = passed.saturating_mul(per_minute);
        bucket.left = bucket.left.saturating_add(refill).min(per_minute * REQUEST);
        bucket.at = now;
        if let Some(left) = bucket.left.checked_sub(REQUEST) {
            bucket.left = left;
            Ok(())
        } else {
            let wait_ms = (REQUEST - bucket.left).div_ceil(per_minute);
            Err(Problem::rate_limited(u32::try_from(wait_ms.div_ceil(1000)).unwrap_or(60)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000_000 + ms)
    }

    #[test]
    fn lets_a_minutes_worth_through_and_then_one_by_one() {
        let limit = RateLimit::new(Some(2));
        assert!(limit.take(at(0)).is_ok());
        assert!(limit.take(at(0)).is_ok());
        assert_eq!(limit.take(at(0)), Err(Problem::rate_limited(30)));
        assert!(limit.take(at(30_000)).is_ok());
        assert!(limit.take(at(30_001)).is_err());
    }

    #[test]
    fn no_limit_is_no_limit() {
        for limit in [RateLimit::new(None), RateLimit::new(Some(0))] {
            assert!((0..100).all(|_| limit.take(at(0)).is_ok()));
        }
    }

    /// Somebody who hammers does not keep the bucket from filling: each look is far less than a request's worth of time.
    #[test]
    fn refills_however_often_it_is_looked_at() {
        for per_minute in [1, 7, 59] {
            let limit = RateLimit::new(Some(per_minute));
            let taken = |range: core::ops::Range<i64>| range.filter(|ms| limit.take(at(*ms)).is_ok()).count();
            let minute = usize::try_from(per_minute).unwrap();
            assert_eq!(taken(0..1), 1);
            assert_eq!(taken(0..60_000), minute - 1 + minute - 1, "the rest, and what came in just less than a minute");
            assert_eq!(taken(60_000..120_000), minute);
        }
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nobody_for_long() {
        let limit = RateLimit::new(Some(1));
        assert!(limit.take(at(3_600_000)).is_ok());
        assert_eq!(limit.take(at(0)), Err(Problem::rate_limited(60)), "and gives nothing");
        assert_eq!(limit.take(at(59_999)), Err(Problem::rate_limited(1)));
        assert!(limit.take(at(60_000)).is_ok(), "an hour is not waited for");
        assert!(limit.take(Timestamp::from_millis(i64::MIN)).is_err());
        assert!(limit.take(Timestamp::from_millis(i64::MAX)).is_ok());
    }

    #[test]
    fn the_time_to_come_back_is_enough_and_not_too_much() {
        let limit = RateLimit::new(Some(7));
        while limit.take(at(0)).is_ok() {}
        assert_eq!(limit.take(at(0)), Err(Problem::rate_limited(9)), "8571.4 ms");
        assert_eq!(limit.take(at(8571)), Err(Problem::rate_limited(1)));
        assert!(limit.take(at(8572)).is_ok());
    }
}
