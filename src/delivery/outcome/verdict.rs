//! What an attempt means for its delivery.

use super::{Answer, Cause, FailureReason, SendError};
use crate::calendar::Timestamp;
use crate::delivery::retry_after;
use core::time::Duration;

/// What an attempt means for its delivery. Everything but [`Delivered`](Self::Delivered) and [`Retry`](Self::Retry) ends
/// the delivery, which then waits for somebody to replay it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The target has it.
    Delivered,
    /// The target has it and says no. Asking again would get the same answer.
    Refused {
        /// Why.
        cause: Cause,
    },
    /// Trouble that may pass.
    Retry {
        /// What trouble.
        cause: Cause,
        /// How long the target asks to be left alone, at most 24 hours.
        after: Option<Duration>,
    },
    /// 415: try the other media type at once, where the configuration allows and it was not tried already; otherwise
    /// see [`final_media_type`](Self::final_media_type).
    OtherMediaType,
    /// 410: the target wants nothing any more.
    Gone,
    /// Trouble that does not pass by itself.
    Failed {
        /// What trouble.
        cause: Cause,
    },
}

impl Verdict {
    /// This verdict where no other media type is left to try: a 415 is then a failure like any other.
    #[must_use]
    pub const fn final_media_type(self) -> Self {
        match self {
            Self::OtherMediaType => Self::Failed { cause: Cause::Answered(FailureReason::UnsupportedMediaType) },
            other => other,
        }
    }
}

/// Judges one attempt that ended at `now`.
///
/// Whatever kept the target from answering is retried, certificates and forbidden addresses included: a certificate is
/// renewed, a name that points to a private address is most often a resolver in trouble, and retrying loses nothing,
/// since such an attempt sends nothing.
pub fn judge(result: &Result<Answer, SendError>, now: Timestamp) -> Verdict {
    match result {
        Ok(answer) => judge_answer(answer, now),
        Err(error) => Verdict::Retry { cause: Cause::Unanswered(*error), after: None },
    }
}

fn judge_answer(answer: &Answer, now: Timestamp) -> Verdict {
    let cause = || Cause::Answered(FailureReason::of(answer));
    match answer.status {
        200..=299 if answer.denies_success() => Verdict::Refused { cause: cause() },
        200..=299 => Verdict::Delivered,
        410 => Verdict::Gone,
        415 => Verdict::OtherMediaType,
        300..=407 | 409..=424 | 426..=428 | 430..=499 => Verdict::Failed { cause: cause() },
        // 408, 425, 429, 5xx, and numbers that are no final status at all.
        _ => Verdict::Retry { cause: cause(), after: wait_asked_for(answer, now) },
    }
}

fn wait_asked_for(answer: &Answer, now: Timestamp) -> Option<Duration> {
    retry_after::parse(answer.retry_after.as_deref()?, now)
}
