//! A limit on requests a minute, for a whole process or isolate.

use super::problem::Problem;
use render_signal::calendar::Timestamp;
use std::sync::{Mutex, PoisonError};

/// A token bucket that holds one minute's worth of requests.
#[derive(Debug)]
pub struct RateLimit {
    per_minute: Option<u32>,
    state: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// What is left, in thousandths of a request.
    left: u64,
    at: Timestamp,
}

impl RateLimit {
    /// At most `per_minute` requests in a minute; `None` is no limit.
    pub fn new(per_minute: Option<u32>) -> Self {
        let left = u64::from(per_minute.unwrap_or(0)) * 1000;
        Self { per_minute, state: Mutex::new(Bucket { left, at: Timestamp::from_millis(0) }) }
    }

    /// Takes one request's place, or says when to come back.
    pub(super) fn take(&self, now: Timestamp) -> Result<(), Problem> {
        let Some(per_minute) = self.per_minute.map(u64::from) else { return Ok(()) };
        let mut bucket = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = u64::try_from(now.since(bucket.at).as_millis()).unwrap_or(u64::MAX);
        let refill = passed.saturating_mul(per_minute) / 60;
        bucket.left = bucket.left.saturating_add(refill).min(per_minute * 1000);
        bucket.at = now;
        if let Some(left) = bucket.left.checked_sub(1000) {
            bucket.left = left;
            Ok(())
        } else {
            let wait_ms = (1000 - bucket.left) * 60 / per_minute.max(1);
            Err(Problem::rate_limited(u32::try_from(wait_ms.div_ceil(1000)).unwrap_or(60)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_a_minutes_worth_through_and_then_one_by_one() {
        let limit = RateLimit::new(Some(2));
        let at = |ms| Timestamp::from_millis(1_000_000_000_000 + ms);
        assert!(limit.take(at(0)).is_ok());
        assert!(limit.take(at(0)).is_ok());
        assert_eq!(limit.take(at(0)), Err(Problem::rate_limited(30)));
        assert!(limit.take(at(30_000)).is_ok());
        assert!(limit.take(at(30_001)).is_err());
    }

    #[test]
    fn no_limit_is_no_limit() {
        let limit = RateLimit::new(None);
        assert!((0..100).all(|_| limit.take(Timestamp::from_millis(1)).is_ok()));
    }
}
