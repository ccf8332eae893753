//! A time of day.

use crate::calendar::Local;
use core::fmt;

/// A valid time of day to the minute, in the configured zone. Written `09h05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalClock {
    hour: u8,
    minute: u8,
}

impl LocalClock {
    /// `None` when the hour is over 23 or the minute over 59.
    pub fn new(hour: u8, minute: u8) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self { hour, minute })
    }

    /// One hour later; past midnight it begins again at 00h.
    pub(super) fn in_an_hour(self) -> Self {
        Self { hour: (self.hour + 1) % 24, ..self }
    }
}

impl From<Local> for LocalClock {
    fn from(local: Local) -> Self {
        Self { hour: local.hour, minute: local.minute }
    }
}

impl fmt::Display for LocalClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}h{:02}", self.hour, self.minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_of_day() {
        assert_eq!(LocalClock::new(9, 5).unwrap().to_string(), "09h05");
        assert_eq!(LocalClock::new(24, 0), None);
        assert_eq!(LocalClock::new(23, 60), None);
    }

    #[test]
    fn midnight_wraps() {
        assert_eq!(LocalClock::new(23, 30).unwrap().in_an_hour().to_string(), "00h30");
    }
}
