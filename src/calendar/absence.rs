//! The days on which nothing is sent.

#[cfg(test)]
mod tests;

use super::{TimeOfDay, Timestamp, Weekday, Zone};
use serde::{Deserialize, Serialize};

/// The absence pause: on the listed days of the week, in the configured zone, nothing is sent. It holds nothing back
/// when it is off or when no day is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Absence {
    /// Whether the pause is on.
    pub enabled: bool,
    /// The days it covers.
    pub days: Vec<Weekday>,
}

impl Absence {
    /// Whether `at` lies on an absence day.
    pub fn covers(&self, at: Timestamp, zone: &Zone) -> bool {
        self.enabled && self.days.contains(&zone.local(at).weekday)
    }

    /// The first instant from `at` on that no absence day covers: the start of the next local day that is not listed,
    /// or `at` itself when it is not covered. `None` when all seven days are.
    pub fn ends_after(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        // Six covered days, and one more that a change of the date line may skip.
        zone.first_from(at, TimeOfDay::MIDNIGHT, 8, |instant| !self.covers(instant, zone))
    }
}
