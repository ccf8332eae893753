//! When a failed delivery is tried again.

use crate::calendar::Timestamp;
use core::time::Duration;

/// The delays between attempts: growing over about three days by default, or as chosen in the settings.
///
/// Each delay is spread by ±20 %, so that the deliveries of one outage do not come back at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    retries: u32,
    constant: Option<Duration>,
}

/// The delay before each retry, by the number of failures so far.
const GROWING: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    LONGEST,
];

/// No delay, chosen or asked for by a target, is longer than this before it is spread.
const LONGEST: Duration = Duration::from_hours(24);

impl Schedule {
    /// The schedule of the settings. No number of retries: as many as the default has. No constant delay: the default's
    /// first delays, the last of them repeated where more retries are wanted.
    pub fn chosen(retries: Option<u32>, constant_delay: Option<Duration>) -> Self {
        let default = Self::default();
        Self { retries: retries.unwrap_or(default.retries), constant: constant_delay.map(|delay| delay.min(LONGEST)) }
    }

    /// How many times a delivery is tried again after its first attempt failed.
    pub const fn retries(&self) -> u32 {
        self.retries
    }

    /// When to try again, `failures` attempts having failed, the last of them at `now`. `None` when it is time to give
    /// up. `retry_after` is what the target asked for: a lower bound, of which at most 24 hours are granted.
    pub fn next(
        &self,
        failures: u32,
        now: Timestamp,
        retry_after: Option<Duration>,
        jitter: Jitter,
    ) -> Option<Timestamp> {
        if failures > self.retries {
            return None;
        }
        let asked = retry_after.unwrap_or_default().min(LONGEST);
        Some(now.plus(jitter.spread(self.delay(failures)).max(asked)))
    }

    fn delay(&self, failures: u32) -> Duration {
        let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
        self.constant.unwrap_or_else(|| GROWING.get(index).copied().unwrap_or(LONGEST))
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self { retries: 9, constant: None }
    }
}

/// Where in the range of ±20 % a delay falls: 0 is the earliest, `u16::MAX` the latest. Drawn from the entropy port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Jitter(pub u16);

impl Jitter {
    /// The delay scaled by 0.8 to 1.2, in whole milliseconds.
    fn spread(self, delay: Duration) -> Duration {
        let earliest = delay * 4 / 5;
        let width = delay * 2 / 5;
        let extra = width.as_millis() * u128::from(self.0) / u128::from(u16::MAX);
        earliest + Duration::from_millis(u64::try_from(extra).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_774_745_999_123);
    const MIDDLE: Jitter = Jitter(0x8000);
    const HOUR: u64 = 3600;

    fn wait(schedule: Schedule, failures: u32, jitter: Jitter) -> Option<Duration> {
        schedule.next(failures, NOW, None, jitter).map(|at| at.since(NOW))
    }

    fn secs(schedule: Schedule) -> Vec<u64> {
        (1..).map_while(|failures| wait(schedule, failures, MIDDLE)).map(|delay| delay.as_secs()).collect()
    }

    #[test]
    fn the_default_grows_over_three_days() {
        let growing = [5, 300, 1800, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
        assert_eq!(secs(Schedule::default()), growing);
        assert_eq!(wait(Schedule::default(), 10, MIDDLE), None);
        assert_eq!(wait(Schedule::default(), u32::MAX, MIDDLE), None);
    }

    #[test]
    fn the_settings_choose_how_often_and_how_long() {
        assert_eq!(secs(Schedule::chosen(None, None)), secs(Schedule::default()));
        assert_eq!(secs(Schedule::chosen(Some(0), None)), [0; 0]);
        assert_eq!(secs(Schedule::chosen(Some(2), None)), [5, 300]);
        assert_eq!(secs(Schedule::chosen(Some(11), None))[8..], [24 * HOUR; 3]);
        assert_eq!(secs(Schedule::chosen(Some(3), Some(Duration::from_mins(1)))), [60, 60, 60]);
        assert_eq!(secs(Schedule::chosen(None, Some(Duration::ZERO))), [0; 9]);
        assert_eq!(secs(Schedule::chosen(Some(1), Some(Duration::MAX))), [24 * HOUR]);
    }

    #[test]
    fn the_ends_of_the_spread_are_a_fifth_away() {
        let first = |jitter| wait(Schedule::default(), 1, jitter).unwrap().as_millis();
        assert_eq!((first(Jitter(0)), first(MIDDLE), first(Jitter(u16::MAX))), (4000, 5000, 6000));
    }

    #[test]
    fn retry_after_is_a_lower_bound_up_to_a_day() {
        let wait = |failures, asked| {
            let at = Schedule::default().next(failures, NOW, Some(Duration::from_secs(asked)), MIDDLE).unwrap();
            at.since(NOW).as_secs()
        };
        assert_eq!(wait(1, 1), 5);
        assert_eq!(wait(1, 7), 7);
        assert_eq!(wait(4, 7), 2 * HOUR);
        assert_eq!(wait(1, u64::MAX), 24 * HOUR);
        let given_up = Schedule::default().next(10, NOW, Some(Duration::from_secs(7)), MIDDLE);
        assert_eq!(given_up, None, "asking to come back does not buy another attempt");
    }

    fn schedules() -> impl Strategy<Value = Schedule> {
        let retries = prop::option::of(0_u32..20);
        let constant = prop::option::of((0_u64..200_000).prop_map(Duration::from_secs));
        (retries, constant).prop_map(|(retries, constant)| Schedule::chosen(retries, constant))
    }

    proptest! {
        #[test]
        fn the_spread_stays_within_a_fifth(schedule in schedules(), failures in 1_u32..20, jitter: u16) {
            if let Some(delay) = wait(schedule, failures, Jitter(jitter)) {
                let exact = schedule.delay(failures).as_millis();
                prop_assert!(delay.as_millis() * 5 >= exact * 4 && delay.as_millis() * 5 <= exact * 6);
            }
            prop_assert_eq!(wait(schedule, failures, Jitter(jitter)).is_some(), failures <= schedule.retries());
        }

        #[test]
        fn more_of_anything_never_comes_sooner(
            schedule in schedules(), failures in 1_u32..20, jitter in 0..u16::MAX, asked in 0_u64..200_000,
        ) {
            let at = |failures, jitter, asked| {
                schedule.next(failures, NOW, Some(Duration::from_secs(asked)), Jitter(jitter))
            };
            if let Some(base) = at(failures, jitter, asked) {
                prop_assert!(base >= NOW && base.since(NOW) <= LONGEST * 6 / 5);
                prop_assert!(at(failures, jitter + 1, asked).is_some_and(|later| later >= base));
                prop_assert!(at(failures, jitter, asked + 1).is_some_and(|later| later >= base));
                prop_assert!(at(failures + 1, jitter, asked).is_none_or(|later| later >= base));
                prop_assert!(base.since(NOW).as_secs() >= asked.min(86_400));
            }
        }

        #[test]
        fn any_input_is_answered(retries: u32, constant: u64, failures: u32, now: i64, asked: u64, jitter: u16) {
            let schedule = Schedule::chosen(Some(retries), Some(Duration::from_millis(constant)));
            let now = Timestamp::from_millis(now);
            let next = schedule.next(failures, now, Some(Duration::from_millis(asked)), Jitter(jitter));
            prop_assert!(next.is_none_or(|at| at >= now));
        }
    }
}
