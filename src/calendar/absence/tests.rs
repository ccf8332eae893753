use super::*;
use proptest::prelude::*;

fn utc(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn absence(days: &[Weekday]) -> Absence {
    Absence { enabled: true, days: days.to_vec() }
}

#[test]
fn the_weekday_is_the_zones_not_the_hosts() {
    let monday = absence(&[Weekday::Monday]);
    // Sunday 23:30 in UTC is Monday 01:30 in Paris.
    assert!(monday.covers(utc("2026-05-10T23:30:00Z"), &Zone::default()));
    assert!(!monday.covers(utc("2026-05-11T22:30:00Z"), &Zone::default()));
}

#[test]
fn off_or_without_days_it_covers_nothing() {
    let monday = utc("2026-05-11T12:00:00Z");
    let off = Absence { enabled: false, days: Weekday::ALL.to_vec() };
    for absence in [off, absence(&[])] {
        assert!(!absence.covers(monday, &Zone::default()));
        assert_eq!(absence.ends_after(monday, &Zone::default()), Some(monday));
    }
}

#[test]
fn it_ends_at_the_start_of_the_next_free_day() {
    use Weekday::{Friday, Monday, Saturday, Sunday};
    for (zone, days, from, expected) in [
        ("Europe/Paris", vec![Monday], "2026-05-11T12:00:00Z", "2026-05-11T22:00:00Z"),
        ("Europe/Paris", vec![Friday, Saturday, Sunday], "2026-05-08T12:00:00Z", "2026-05-10T22:00:00Z"),
        // The Sunday of each change of offset has 23 or 25 hours.
        ("Europe/Paris", vec![Sunday], "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("Europe/Paris", vec![Sunday], "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        // Sunday starts at 01:00 in Havana: midnight is skipped.
        ("America/Havana", vec![Saturday], "2026-03-07T12:00:00Z", "2026-03-08T05:00:00Z"),
        // Samoa had no Friday that week: from Thursday to Saturday.
        ("Pacific/Apia", vec![Weekday::Thursday, Friday], "2011-12-29T20:00:00Z", "2011-12-30T10:00:00Z"),
    ] {
        let zone = Zone::parse(zone).unwrap();
        assert_eq!(absence(&days).ends_after(utc(from), &zone), Some(utc(expected)), "{zone} {days:?} from {from}");
    }
}

#[test]
fn seven_days_never_end() {
    assert_eq!(absence(&Weekday::ALL).ends_after(utc("2026-05-11T12:00:00Z"), &Zone::default()), None);
}

proptest! {
    /// The end is not covered, and every quarter of an hour before it is.
    #[test]
    fn everything_before_the_end_is_covered(
        zone in proptest::sample::select(vec!["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
        day_of_year in 0_i64..365,
        second in 0_i64..86_400,
        days in proptest::sample::subsequence(Weekday::ALL.to_vec(), 1..=6),
    ) {
        let zone = Zone::parse(zone).unwrap();
        let from = Timestamp::from_millis(1_767_225_600_000 + (day_of_year * 86_400 + second) * 1000);
        let absence = absence(&days);
        let end = absence.ends_after(from, &zone).unwrap();
        prop_assert!(end >= from && !absence.covers(end, &zone));
        let mut at = from;
        while at < end {
            prop_assert!(absence.covers(at, &zone));
            at = Timestamp::from_millis((at.as_millis() / 900_000 + 1) * 900_000);
        }
    }
}
