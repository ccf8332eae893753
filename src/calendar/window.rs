//! The hours in which webhooks may be sent.

#[cfg(test)]
mod tests;

use super::{TimeOfDay, Timestamp, Zone};

/// A daily stretch of the clock, every day alike: the start belongs to it, the end does not. A start after the end wraps
/// over midnight. A window asks the clock on the wall: where a change of offset skips or repeats an hour, so does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    start: TimeOfDay,
    end: TimeOfDay,
}

/// Start and end are the same time: such a window never opens, and is refused when it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a window needs two different times, both are {0}")]
pub struct EmptyWindow(pub TimeOfDay);

/// Where an instant lies with regard to a window, by the clock of its own day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// The window is open.
    Inside,
    /// Closed, and the clock shows less than the start: for 22:00–02:00, that is 02:00 to 21:59.
    Before,
    /// Closed, and the start has passed.
    After,
    /// The stored start equals the end: the window never opens.
    NeverOpens,
}

impl Window {
    /// The window from `start` to `end`, as somebody sets it; refused when both are the same.
    pub fn new(start: TimeOfDay, end: TimeOfDay) -> Result<Self, EmptyWindow> {
        if start == end { Err(EmptyWindow(start)) } else { Ok(Self { start, end }) }
    }

    /// The window from `start` to `end` as it is stored, which may be one that never opens.
    pub const fn from_stored(start: TimeOfDay, end: TimeOfDay) -> Self {
        Self { start, end }
    }

    /// When it opens.
    pub const fn start(&self) -> TimeOfDay {
        self.start
    }

    /// When it closes; this minute is outside.
    pub const fn end(&self) -> TimeOfDay {
        self.end
    }

    /// Whether start and end are the same.
    pub fn never_opens(&self) -> bool {
        self.start == self.end
    }

    /// Where `at` lies.
    pub fn position(&self, at: Timestamp, zone: &Zone) -> Position {
        if self.never_opens() {
            return Position::NeverOpens;
        }
        let now = zone.local(at).minutes_of_day();
        if self.holds(now) {
            Position::Inside
        } else if now < self.start.minutes_of_day() {
            Position::Before
        } else {
            Position::After
        }
    }

    /// The first instant from `at` on that is inside: `at` itself when it is. `None` when the window never opens.
    ///
    /// A start that a change of offset skips opens the window at the change; a window skipped whole opens the next day.
    pub fn next_opening(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        // One day can be skipped whole (Samoa, 2011-12-30), hence more than the next.
        zone.first_from(at, self.start, 3, |instant| self.position(instant, zone) == Position::Inside)
    }

    fn holds(self, now: u16) -> bool {
        let (start, end) = (self.start.minutes_of_day(), self.end.minutes_of_day());
        if start < end { start <= now && now < end } else { start <= now || now < end }
    }
}
