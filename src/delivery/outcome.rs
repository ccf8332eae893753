//! What came back from a target, and what it means for the delivery.
//!
//! It reads one attempt. How often to try again is the [`Schedule`](super::Schedule)'s affair, whether another media
//! type may be tried is the configuration's, and what to do with a target that is gone is the flow's.

mod answer;
mod cause;
mod mode;
mod verdict;

pub use answer::{ANSWER_LIMIT, Answer};
pub use cause::{Cause, FailureReason, SendError};
pub use mode::Mode;
pub use verdict::{Verdict, judge};

#[cfg(test)]
mod tests;
