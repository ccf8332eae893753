//! Time zones: from an instant to the clock on the wall, and back.

use super::{TimeOfDay, Timestamp, Weekday};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

const DAY_SECS: i64 = 86_400;

/// An IANA time zone, such as `Europe/Paris` (the default). The zone data is part of the program, so that every home
/// answers alike. Written as its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

/// The name of no known time zone. The predecessor silently used UTC instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone: {0}")]
pub struct UnknownZone(pub String);

/// What the calendar and the clock on the wall show somewhere at some instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// The year.
    pub year: i16,
    /// The month, 1–12.
    pub month: u8,
    /// The day of the month, 1–31.
    pub day: u8,
    /// The day of the week.
    pub weekday: Weekday,
    /// The hour, 0–23.
    pub hour: u8,
    /// The minute, 0–59.
    pub minute: u8,
    /// The second, 0–59.
    pub second: u8,
}

impl Local {
    /// Minutes since midnight on the clock, 0–1439.
    pub const fn minutes_of_day(&self) -> u16 {
        self.hour as u16 * 60 + self.minute as u16
    }
}

impl Zone {
    /// The zone of that IANA name, in any case, blanks around it ignored.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        TimeZone::get(name.trim())
            .ok()
            .filter(|zone| zone.iana_name().is_some())
            .map(Self)
            .ok_or_else(|| UnknownZone(name.to_owned()))
    }

    /// The zone's IANA name, in its usual case.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The local date and time at that instant. Instants beyond the years -9999 to 9999 are read as the nearest end.
    pub fn local(&self, at: Timestamp) -> Local {
        let local = self.0.to_datetime(instant(at));
        // The calendar's ranges make these conversions exact: month, day, hour, minute and second are never negative.
        let small = |value: i8| u8::try_from(value).unwrap_or(0);
        Local {
            year: local.year(),
            month: small(local.month()),
            day: small(local.day()),
            weekday: local.weekday().into(),
            hour: small(local.hour()),
            minute: small(local.minute()),
            second: small(local.second()),
        }
    }

    /// The first instant from `at` on, within `days` local days, where `holds` is true; provided that it can only become
    /// true when the clock shows `time` or when the zone changes its offset.
    ///
    /// Those are the only instants tried. A `time` that a change of offset skips has no instant of its own: there the
    /// clock jumps over it, at the change. One that the clock shows twice is tried twice.
    pub(super) fn first_from(
        &self,
        at: Timestamp,
        time: TimeOfDay,
        days: i64,
        holds: impl Fn(Timestamp) -> bool,
    ) -> Option<Timestamp> {
        if holds(at) {
            return Some(at);
        }
        let today = self.0.to_datetime(instant(at)).date();
        // From yesterday: an offset change just after midnight can bring yesterday's last hour back.
        let mut instants: Vec<_> = (-1..=days)
            .filter_map(|offset| today.checked_add(SignedDuration::from_secs(offset * DAY_SECS)).ok())
            .flat_map(|date| self.showings(date, time))
            .chain(self.changes(at, days))
            .filter(|candidate| *candidate > at)
            .collect();
        instants.sort_unstable();
        instants.into_iter().find(|candidate| holds(*candidate))
    }

    /// The instants at which this zone's clock shows `time` on `date`: none, one or two.
    fn showings(&self, date: Date, time: TimeOfDay) -> impl Iterator<Item = Timestamp> + use<> {
        let hour = i8::try_from(time.hour()).unwrap_or(0);
        let minute = i8::try_from(time.minute()).unwrap_or(0);
        let local = date.at(hour, minute, 0, 0);
        let (first, second) = match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => (Some(offset), None),
            AmbiguousOffset::Fold { before, after } => (Some(before), Some(after)),
            AmbiguousOffset::Gap { .. } => (None, None),
        };
        [first, second]
            .into_iter()
            .flatten()
            .filter_map(move |offset| offset.to_timestamp(local).ok())
            .map(|shown| Timestamp::from_millis(shown.as_millisecond()))
    }

    /// The zone's changes of offset after `at`, within `days` days and two more.
    fn changes(&self, at: Timestamp, days: i64) -> impl Iterator<Item = Timestamp> {
        let horizon = at.as_millis().saturating_add((days + 2) * DAY_SECS * 1000);
        self.0
            .following(instant(at))
            .map(|change| Timestamp::from_millis(change.timestamp().as_millisecond()))
            .take_while(move |change| change.as_millis() <= horizon)
    }
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    let nearest_end = if at.as_millis() < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or(nearest_end)
}

impl Default for Zone {
    fn default() -> Self {
        // The bundled zone data holds it, and a test says so: the fallback is never taken.
        Self(TimeZone::get("Europe/Paris").unwrap_or(TimeZone::UTC))
    }
}

impl core::fmt::Display for Zone {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(name: String) -> Result<Self, UnknownZone> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_paris() {
        assert_eq!(Zone::default().name(), "Europe/Paris");
        assert_eq!(Zone::default(), Zone::parse(" europe/PARIS ").unwrap());
    }

    #[test]
    fn unknown_names_are_refused() {
        for name in ["", "Europe/Lutece", "Etc/Unknown", "../etc/passwd", "+01:00"] {
            assert_eq!(Zone::parse(name), Err(UnknownZone(name.to_owned())), "{name:?}");
        }
        assert_eq!(Zone::parse("UTC").unwrap().name(), "UTC");
    }

    #[test]
    fn is_written_as_its_name() {
        let zone = Zone::parse("Australia/Lord_Howe").unwrap();
        let json = serde_json::to_string(&zone).unwrap();
        assert_eq!(json, "\"Australia/Lord_Howe\"");
        assert_eq!(serde_json::from_str::<Zone>(&json).unwrap(), zone);
        assert!(serde_json::from_str::<Zone>("\"Mars/Olympus\"").is_err());
    }

    #[test]
    fn the_clock_jumps_in_spring_and_repeats_in_autumn() {
        let paris = Zone::default();
        let clock = |millis| {
            let local = paris.local(Timestamp::from_millis(millis));
            (local.month, local.day, local.weekday, local.hour, local.minute, local.second)
        };
        // 2026-03-29T00:59:59Z and the next second.
        assert_eq!(clock(1_774_745_999_000), (3, 29, Weekday::Sunday, 1, 59, 59));
        assert_eq!(clock(1_774_746_000_000), (3, 29, Weekday::Sunday, 3, 0, 0));
        // 2026-10-25T00:59:59Z and the next second.
        assert_eq!(clock(1_792_889_999_000), (10, 25, Weekday::Sunday, 2, 59, 59));
        assert_eq!(clock(1_792_890_000_000), (10, 25, Weekday::Sunday, 2, 0, 0));
    }

    #[test]
    fn the_ends_of_time_are_read_as_the_nearest_end() {
        let paris = Zone::default();
        assert_eq!(paris.local(Timestamp::from_millis(i64::MAX)).year, 9999);
        assert_eq!(paris.local(Timestamp::from_millis(i64::MIN)).year, -9999);
    }
}
