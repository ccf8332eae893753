//! What went wrong, in the core's words. The client nests its causes deep; the first telling one decides.

use std::error::Error;
use std::io::{self, ErrorKind};

use render_signal::delivery::outcome::SendError;

use super::vetting::Unresolved;

/// The kind of a failed exchange.
///
/// `Connect` also stands for a connection that broke before the answer was complete. `Protocol` is an answer that was
/// received and cannot be read: not HTTP, too many headers, a wrong compression.
pub(super) fn classify(error: &reqwest::Error) -> SendError {
    if let Some(unresolved) = find::<Unresolved>(error) {
        return match unresolved {
            Unresolved::Forbidden => SendError::ForbiddenAddress,
            Unresolved::Unknown | Unresolved::Failed(_) => SendError::Dns,
        };
    }
    if error.is_timeout() {
        SendError::Timeout
    } else if find::<rustls::Error>(error).is_some() {
        SendError::Tls
    } else if error.is_connect() || causes(error).any(is_broken_connection) {
        SendError::Connect
    } else {
        SendError::Protocol
    }
}

fn find<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// An error and its causes, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

/// The next cause. `io::Error` hides what it wraps from `source`.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn is_broken_connection(cause: &(dyn Error + 'static)) -> bool {
    let io = cause.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::NotConnected
                | ErrorKind::UnexpectedEof
        )
    });
    io || cause
        .downcast_ref::<hyper::Error>()
        .is_some_and(|error| error.is_incomplete_message() || error.is_closed() || error.is_canceled())
}
