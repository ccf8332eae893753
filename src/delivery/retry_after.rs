//! Reading `Retry-After`: how long a target asks to be left alone.

use crate::calendar::Timestamp;
use core::time::Duration;

/// The longest wait that is granted, whatever is asked for.
pub const LONGEST: Duration = Duration::from_hours(24);

/// The wait asked for: a whole number of seconds, or a date in any of HTTP's three forms, counted from `now`; a date in
/// the past is no wait. `None` for anything else, which is then as if the header were absent.
pub fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim_matches([' ', '\t']);
    seconds(text).or_else(|| until(text, now)).map(|wait| wait.min(LONGEST))
}

fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // More digits than a number holds is still a number, and a long wait.
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

fn until(text: &str, now: Timestamp) -> Option<Duration> {
    let date = httpdate::parse_http_date(text).ok()?;
    let since_epoch = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_millis(0).plus(since_epoch).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT, the date of the RFC's examples.
    const NOV_1994: i64 = 784_111_777;

    fn secs(text: &str, now: i64) -> Option<u64> {
        parse(text, Timestamp::from_millis(now * 1000)).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_read_and_capped() {
        for (text, expected) in [
            ("0", 0),
            ("120", 120),
            (" 120\t", 120),
            ("000120", 120),
            ("86400", 86_400),
            ("86401", 86_400),
            ("99999999999999999999999999", 86_400),
        ] {
            assert_eq!(secs(text, NOV_1994), Some(expected), "{text}");
        }
    }

    #[test]
    fn each_date_form_is_read() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(secs(text, NOV_1994 - 90), Some(90), "{text}");
            assert_eq!(secs(text, NOV_1994), Some(0), "{text}");
            assert_eq!(secs(text, NOV_1994 + 1), Some(0), "{text}, past");
            assert_eq!(secs(text, NOV_1994 - 200_000), Some(86_400), "{text}, far");
        }
    }

    #[test]
    fn anything_else_is_as_if_absent() {
        for text in [
            "",
            " ",
            "soon",
            "-1",
            "+5",
            "1.5",
            "1e3",
            "120s",
            "12 0",
            "٣",
            "120, 120",
            "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
        ] {
            assert_eq!(secs(text, NOV_1994), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_within_the_cap(text in "\\PC{0,40}|[A-Za-z0-9,: -]{20,40}", now: i64) {
            let wait = parse(&text, Timestamp::from_millis(now));
            prop_assert!(wait.is_none_or(|wait| wait <= LONGEST));
        }

        #[test]
        fn a_written_date_is_the_wait_until_it(now in 0_i64..4_000_000_000, ahead in 0_u64..90_000) {
            let secs = u64::try_from(now).unwrap() + ahead;
            let text = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(secs));
            prop_assert_eq!(parse(&text, Timestamp::from_millis(now * 1000)), Some(Duration::from_secs(ahead.min(86_400))));
        }
    }
}
