//! Everything that knows what time it is somewhere: instants, zones, the sending window, absence days.
//!
//! It reads no clock: every function is given the instant it decides about. Decisions about hours and weekdays use the
//! configured zone, never the host's. It does not know what a mail is, nor what a closed window does to one.

mod absence;
mod time_of_day;
mod timestamp;
mod weekday;
mod window;
mod zone;

pub use absence::Absence;
pub use time_of_day::TimeOfDay;
pub use timestamp::Timestamp;
pub use weekday::Weekday;
pub use window::{EmptyWindow, Position, Window};
pub use zone::{Local, UnknownZone, Zone};
