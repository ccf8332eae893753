//! Why an attempt failed.

use super::Answer;

/// Why no answer was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.code())]
pub enum SendError {
    /// The time for the whole exchange, body included, ran out.
    Timeout,
    /// The name could not be resolved.
    Dns,
    /// No connection, or it broke.
    Connect,
    /// No trusted encrypted connection: a bad, expired or foreign certificate.
    Tls,
    /// The name resolves to an address that nothing may be sent to.
    ForbiddenAddress,
    /// What came back is not HTTP.
    Protocol,
}

impl SendError {
    /// Every error, for lists of codes.
    pub const ALL: [Self; 6] =
        [Self::Timeout, Self::Dns, Self::Connect, Self::Tls, Self::ForbiddenAddress, Self::Protocol];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Timeout => "send_timeout",
            Self::Dns => "send_dns",
            Self::Connect => "send_connect",
            Self::Tls => "send_tls",
            Self::ForbiddenAddress => "send_forbidden_address",
            Self::Protocol => "send_protocol",
        }
    }
}

/// The predecessor's names for a failure, kept in the log, and one of ours for a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureReason {
    /// A protection in front of the target (Imunify360) answered.
    BotProtectionDenied,
    /// 415.
    UnsupportedMediaType,
    /// 429.
    RateLimited,
    /// 5xx.
    UpstreamServerError,
    /// Any other 4xx.
    UpstreamClientError,
    /// 3xx: never followed, because the new place was not vetted and a POST may arrive there as a GET.
    RedirectRefused,
    /// The target answered, and said no.
    RemoteApplicationError,
    /// No answer, or one without meaning.
    RequestFailed,
}

impl FailureReason {
    /// Every reason, for lists of codes.
    pub const ALL: [Self; 8] = [
        Self::BotProtectionDenied,
        Self::UnsupportedMediaType,
        Self::RateLimited,
        Self::UpstreamServerError,
        Self::UpstreamClientError,
        Self::RedirectRefused,
        Self::RemoteApplicationError,
        Self::RequestFailed,
    ];

    /// The reason an answer that was not a success stands for; the first that fits.
    pub fn of(answer: &Answer) -> Self {
        match answer.status {
            _ if answer.is_bot_protection() => Self::BotProtectionDenied,
            415 => Self::UnsupportedMediaType,
            429 => Self::RateLimited,
            500.. => Self::UpstreamServerError,
            400.. => Self::UpstreamClientError,
            300.. => Self::RedirectRefused,
            _ if !answer.is_blank() => Self::RemoteApplicationError,
            _ => Self::RequestFailed,
        }
    }

    /// The stable code, `failure_reason` of the log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BotProtectionDenied => "bot_protection_denied",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::RateLimited => "rate_limited",
            Self::UpstreamServerError => "upstream_server_error",
            Self::UpstreamClientError => "upstream_client_error",
            Self::RedirectRefused => "redirect_refused",
            Self::RemoteApplicationError => "remote_application_error",
            Self::RequestFailed => "request_failed",
        }
    }
}

/// Why an attempt was not a success: what the target answered, or what kept it from answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The target answered.
    Answered(FailureReason),
    /// It did not.
    Unanswered(SendError),
}

impl Cause {
    /// The stable code, as precise as is known.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Answered(reason) => reason.code(),
            Self::Unanswered(error) => error.code(),
        }
    }

    /// The reason in the log's older, coarser words: whatever kept a target from answering is `request_failed`.
    pub const fn failure_reason(self) -> FailureReason {
        match self {
            Self::Answered(reason) => reason,
            Self::Unanswered(_) => FailureReason::RequestFailed,
        }
    }
}
