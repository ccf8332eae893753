//! Everything that knows what time it is somewhere: instants, zones, the sending window, absence days.
//!
//! It reads no clock: every function is given the instant it decides about. Decisions about hours and weekdays use the
//! configured zone, never the host's.

mod timestamp;

pub use timestamp::Timestamp;
