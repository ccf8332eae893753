//! A time on the clock, to the minute.

use super::Local;
use serde::{Deserialize, Serialize};

/// An hour and a minute of the day, `00:00` to `23:59`. Written `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    hour: u8,
    minute: u8,
}

impl TimeOfDay {
    /// The first minute of the day.
    pub const MIDNIGHT: Self = Self { hour: 0, minute: 0 };

    /// That hour (0–23) and minute (0–59); `None` outside those.
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        if hour > 23 || minute > 59 {
            return None;
        }
        Some(Self { hour, minute })
    }

    /// Reads `HHhMM` or `HH:MM`: one or two digits of hour, exactly two of minute; blanks around and the case of the
    /// `h` do not matter. `None` for anything else, `9h`, `24h00` and `9:00:00` among them.
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.trim().split_once([':', 'h', 'H'])?;
        if minute.len() != 2 {
            return None;
        }
        Self::new(number(hour)?, number(minute)?)
    }

    /// Minutes since midnight on the clock, 0–1439.
    pub const fn minutes_of_day(self) -> u16 {
        self.hour as u16 * 60 + self.minute as u16
    }

    /// The hour, 0–23.
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// The minute, 0–59.
    pub const fn minute(self) -> u8 {
        self.minute
    }
}

/// One or two ASCII digits. `str::parse` alone would take a sign.
fn number(digits: &str) -> Option<u8> {
    let plain = matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok() } else { None }
}

impl From<Local> for TimeOfDay {
    fn from(local: Local) -> Self {
        Self { hour: local.hour, minute: local.minute }
    }
}

impl core::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a time of day (HHhMM or HH:MM): {text}"))
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted_spellings() {
        for (text, expected) in [
            ("13h30", "13:30"),
            (" 09H00 ", "09:00"),
            ("0h00", "00:00"),
            ("9:05", "09:05"),
            ("17:45", "17:45"),
            ("11h30", "11:30"),
            ("23:59", "23:59"),
        ] {
            assert_eq!(TimeOfDay::parse(text).unwrap().to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn refused_spellings() {
        for text in [
            "9h5", "9h", "24h00", "13h60", "1330", "9:00:00", "24:00", "007:30", "9", "", "h00", "+9:00", "9:+5",
            "٩:00", "9 h 00", "9h00m", "-1:00", "9::00",
        ] {
            assert_eq!(TimeOfDay::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_minute_reads_back() {
        for minutes in 0..1440_u16 {
            let (hour, minute) = (u8::try_from(minutes / 60).unwrap(), u8::try_from(minutes % 60).unwrap());
            let time = TimeOfDay::new(hour, minute).unwrap();
            assert_eq!((time.hour(), time.minute(), time.minutes_of_day()), (hour, minute, minutes));
            assert_eq!(TimeOfDay::parse(&time.to_string()), Some(time));
        }
    }
}
