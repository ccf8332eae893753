//! A delivery time as the receivers read it.

use crate::calendar::TimeOfDay;

/// `09h05`.
pub(super) fn written(time: TimeOfDay) -> String {
    format!("{:02}h{:02}", time.hour(), time.minute())
}

/// One hour later; past midnight it begins again at 00h.
pub(super) fn in_an_hour(time: TimeOfDay) -> TimeOfDay {
    TimeOfDay::new((time.hour() + 1) % 24, time.minute()).unwrap_or(TimeOfDay::MIDNIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(hour: u8, minute: u8) -> TimeOfDay {
        TimeOfDay::new(hour, minute).unwrap()
    }

    #[test]
    fn hours_and_minutes_have_two_digits() {
        assert_eq!(written(time(9, 5)), "09h05");
    }

    #[test]
    fn midnight_wraps() {
        assert_eq!(written(in_an_hour(time(23, 30))), "00h30");
    }
}
