use super::*;
use crate::calendar::Zone;
use proptest::prelude::*;

/// The start of 2026 in UTC, in milliseconds.
const NEW_YEAR: i64 = 1_767_225_600_000;
const MINUTE: i64 = 60_000;
const ZONES: [&str; 6] =
    ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Havana", "Africa/Casablanca"];

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

fn window(start: &str, end: &str) -> Window {
    Window::from_stored(time(start), time(end))
}

fn utc(text: &str) -> Timestamp {
    Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn paris(text: &str) -> Timestamp {
    let zoned: jiff::Zoned = format!("{text}[Europe/Paris]").parse().unwrap();
    Timestamp::from_millis(zoned.timestamp().as_millisecond())
}

#[test]
fn positions_by_the_clock() {
    use Position::{After, Before, Inside, NeverOpens};
    for (start, end, now, expected) in [
        ("9h00", "9h00", "09:00", NeverOpens),
        ("9h00", "9h00", "12:00", NeverOpens),
        ("22h00", "2h00", "23:00", Inside),
        ("22h00", "2h00", "01:00", Inside),
        ("22h00", "2h00", "09:00", Before),
        ("22h00", "2h00", "12:00", Before),
        ("22h00", "2h00", "10:00", Before),
        ("22h00", "2h00", "02:00", Before),
        ("22h00", "2h00", "22:00", Inside),
        ("09:00", "17:30", "08:59", Before),
        ("09:00", "17:30", "09:00", Inside),
        ("09:00", "17:30", "17:29", Inside),
        ("09:00", "17:30", "17:30", After),
        ("22:00", "00:00", "23:59", Inside),
        ("22:00", "00:00", "00:00", Before),
        ("00:00", "23:59", "23:59", After),
    ] {
        let at = paris(&format!("2026-05-12T{now}:00"));
        assert_eq!(window(start, end).position(at, &Zone::default()), expected, "{start}-{end} at {now}");
    }
}

#[test]
fn an_empty_window_is_refused_when_set_and_never_opens_when_stored() {
    assert_eq!(Window::new(time("09:00"), time("9h00")), Err(EmptyWindow(time("09:00"))));
    assert!(Window::new(time("09:00"), time("9h01")).is_ok());
    assert_eq!(window("09:00", "09:00").next_opening(paris("2026-05-12T09:00:00"), &Zone::default()), None);
}

#[test]
fn opens_right_around_the_changes_of_offset() {
    for (zone, start, end, from, expected) in [
        ("Europe/Paris", "09:00", "17:00", "2026-05-12T16:00:00Z", "2026-05-13T07:00:00Z"),
        ("Europe/Paris", "09:00", "17:00", "2026-05-12T12:00:00.123Z", "2026-05-12T12:00:00.123Z"),
        // Over the changes: 09:00 is 08:00Z in winter and 07:00Z in summer.
        ("Europe/Paris", "09:00", "17:00", "2026-03-28T20:00:00Z", "2026-03-29T07:00:00Z"),
        ("Europe/Paris", "09:00", "17:00", "2026-10-24T20:00:00Z", "2026-10-25T08:00:00Z"),
        // 02:30 does not exist on 2026-03-29: the window opens when the clock jumps to 03:00.
        ("Europe/Paris", "02:30", "04:00", "2026-03-28T20:00:00Z", "2026-03-29T01:00:00Z"),
        // The whole window is skipped: it opens the day after.
        ("Europe/Paris", "02:15", "02:45", "2026-03-28T20:00:00Z", "2026-03-30T00:15:00Z"),
        // 02:30 comes twice on 2026-10-25: the first time, then the second.
        ("Europe/Paris", "02:30", "02:45", "2026-10-24T20:00:00Z", "2026-10-25T00:30:00Z"),
        ("Europe/Paris", "02:30", "02:45", "2026-10-25T00:45:00Z", "2026-10-25T01:30:00Z"),
        // Closed at 02:30, the clock falls back to 02:00: open again.
        ("Europe/Paris", "01:30", "02:30", "2026-10-25T00:31:00Z", "2026-10-25T01:00:00Z"),
        // Half an hour is skipped at 02:00 on Lord Howe.
        ("Australia/Lord_Howe", "02:10", "05:00", "2026-10-03T12:00:00Z", "2026-10-03T15:30:00Z"),
        // Midnight itself is skipped in Havana.
        ("America/Havana", "00:00", "05:00", "2026-03-08T04:00:00Z", "2026-03-08T05:00:00Z"),
        // Samoa skipped the whole of 2011-12-30.
        ("Pacific/Apia", "09:00", "10:00", "2011-12-29T21:00:00Z", "2011-12-30T19:00:00Z"),
        // St John's went back at 00:01: the last hour of the day before came twice.
        ("America/St_Johns", "23:30", "23:45", "2010-11-07T02:30:30Z", "2010-11-07T03:00:00Z"),
    ] {
        let zone = Zone::parse(zone).unwrap();
        let opening = window(start, end).next_opening(utc(from), &zone);
        assert_eq!(opening, Some(utc(expected)), "{zone} {start}-{end} from {from}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Over a whole year, both changes of offset included: the opening is inside, and no minute before it is.
    #[test]
    fn the_next_opening_is_the_first_minute_inside(
        zone in proptest::sample::select(&ZONES[..]),
        from in any_instant(),
        start in any_minute(),
        end in any_minute(),
    ) {
        prop_assume!(start != end);
        let zone = Zone::parse(zone).unwrap();
        let clock = |minutes: u16| TimeOfDay::new(u8::try_from(minutes / 60).unwrap(), u8::try_from(minutes % 60).unwrap()).unwrap();
        let window = Window::new(clock(start), clock(end)).unwrap();
        let opening = window.next_opening(from, &zone).unwrap();
        prop_assert!(opening >= from);
        prop_assert_eq!(window.position(opening, &zone), Position::Inside);
        let mut minute = from;
        while minute < opening {
            prop_assert_ne!(window.position(minute, &zone), Position::Inside);
            minute = Timestamp::from_millis((minute.as_millis() / MINUTE + 1) * MINUTE);
        }
    }
}

/// Any minute of the day, half of the time among those that a change of offset skips or repeats.
fn any_minute() -> impl Strategy<Value = u16> {
    prop_oneof![0_u16..1440, 0_u16..240]
}

/// Any second of the year, half of the time close to the usual hours of a change of offset.
fn any_instant() -> impl Strategy<Value = Timestamp> {
    let anywhere = (0_i64..365 * 24 * 3600).prop_map(|second| NEW_YEAR + second * 1000);
    let changes = vec![
        utc("2026-03-29T01:00:00Z"),
        utc("2026-10-25T01:00:00Z"),
        utc("2026-03-08T07:00:00Z"),
        utc("2026-11-01T06:00:00Z"),
        utc("2026-04-04T15:00:00Z"),
        utc("2026-10-03T15:30:00Z"),
        utc("2026-02-15T02:00:00Z"),
    ];
    let near = (proptest::sample::select(changes), -6 * 3600_i64..6 * 3600)
        .prop_map(|(change, seconds)| change.as_millis() + seconds * 1000);
    prop_oneof![anywhere, near].prop_map(Timestamp::from_millis)
}
