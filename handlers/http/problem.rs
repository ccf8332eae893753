//! Errors as clients see them: the status, a message and a stable code, never the cause.

use super::response;
use bytes::Bytes;
use http::header::{ALLOW, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
    retry_after: Option<u32>,
    allow: Option<String>,
}

/// The answer of a home whose settings cannot be used.
pub fn not_configured() -> Response<Bytes> {
    outside(Problem::not_configured())
}

/// The answer to a request that took too long.
pub fn timed_out() -> Response<Bytes> {
    outside(Problem::new(StatusCode::REQUEST_TIMEOUT, "timed_out", "Request took too long"))
}

/// The answer to what a fault of ours, a panic among them, kept from being handled. Its cause is in the log.
pub fn internal_error() -> Response<Bytes> {
    outside(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal server error"))
}

/// An answer that did not come through the router still carries the security headers.
fn outside(problem: Problem) -> Response<Bytes> {
    let mut answer = problem.into_response();
    response::secure(&mut answer);
    answer
}

/// How long a client waits before it asks a busy server again, in seconds.
const BUSY_SECONDS: u32 = 5;

/// How long a client waits before it asks a server whose store does not answer, in seconds.
const OUTAGE_SECONDS: u32 = 30;

impl Problem {
    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message, retry_after: None, allow: None }
    }

    const fn after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(super) const fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Unauthorized")
    }

    pub(super) const fn not_google() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_google", "Forbidden: IP not from Google")
    }

    pub(super) const fn names_unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "names_unavailable", "Service unavailable").after(OUTAGE_SECONDS)
    }

    pub(super) const fn invalid_json() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_json", "Invalid JSON payload")
    }

    pub(super) const fn missing_sender() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "missing_sender", "Missing field: sender")
    }

    pub(super) const fn missing_body() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "missing_body", "Missing field: body")
    }

    /// A header field of more than 64 KiB, which no mail has.
    pub(super) const fn field_too_long() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "field_too_long", "Field over 64 KiB")
    }

    pub(super) const fn ingress_disabled() -> Self {
        Self::new(StatusCode::CONFLICT, "ingress_disabled", "Gmail ingress disabled")
    }

    pub(super) const fn sending_disabled() -> Self {
        Self::new(StatusCode::CONFLICT, "sending_disabled", "Webhook sending disabled")
    }

    /// The store did not take a mail; `code` says why.
    pub(super) const fn unavailable(code: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, "Service unavailable").after(OUTAGE_SECONDS)
    }

    pub(super) const fn not_configured() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_configured", "Service unavailable").after(OUTAGE_SECONDS)
    }

    /// Too many large bodies at once.
    pub(super) const fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Service unavailable").after(BUSY_SECONDS)
    }

    pub(super) const fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Request body over 10 MiB")
    }

    /// The body broke off on its way. That says nothing about the mail: a client that takes a 400 for a final refusal must not
    /// give it up.
    pub(super) const fn unreadable_body() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "unreadable_body", "Request body could not be read")
    }

    pub(super) const fn rate_limited(seconds: u32) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests").after(seconds)
    }

    pub(super) const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not found")
    }

    /// The path is known, the method is not; `allow` lists the ones that are.
    pub(super) fn method_not_allowed(allow: String) -> Self {
        let mut problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed");
        problem.allow = Some(allow);
        problem
    }

    #[cfg(test)]
    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable code.
    pub(super) const fn code(&self) -> &'static str {
        self.code
    }

    /// The answer.
    pub(super) fn into_response(self) -> Response<Bytes> {
        let body = serde_json::json!({"success": false, "message": self.message, "code": self.code});
        let mut answer = response::json(self.status, &body);
        if let Some(seconds) = self.retry_after {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(Ok(allow)) = self.allow.map(HeaderValue::try_from) {
            answer.headers_mut().insert(ALLOW, allow);
        }
        answer
    }
}
