//! Sending to webhook receivers by the platform's `fetch`.
//!
//! The platform resolves names itself and, with `global_fetch_strictly_public`, reaches public addresses only; written
//! addresses and our own hosts were refused when the URL was parsed.

use futures_util::StreamExt as _;
use js_sys::Uint8Array;
use render_signal::delivery::outcome::{Answer, SendError};
use render_signal::ports::{Fetch, Outgoing};
use worker::{AbortSignal, Error, Headers, Method, Request, RequestInit, RequestRedirect, Response, web_sys};

/// The platform's `fetch`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkerFetch;

impl Fetch for WorkerFetch {
    async fn send(&self, request: Outgoing) -> Result<Answer, SendError> {
        let millis = u32::try_from(request.timeout.as_millis()).unwrap_or(u32::MAX);
        // Covers the head and the body of the answer.
        let signal = AbortSignal::from(web_sys::AbortSignal::timeout_with_u32(millis));
        let max_answer = request.max_answer;
        let outgoing = to_request(&request).map_err(|_| SendError::Protocol)?;
        let response =
            worker::Fetch::Request(outgoing).send_with_signal(&signal).await.map_err(|error| classify(&error))?;
        read(response, max_answer).await
    }
}

fn to_request(outgoing: &Outgoing) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("accept", "application/json, text/plain, */*")?;
    headers.set("user-agent", concat!("Render-Signal/", env!("CARGO_PKG_VERSION")))?;
    for (name, value) in &outgoing.headers {
        headers.set(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_redirect(RequestRedirect::Manual)
        .with_headers(headers)
        .with_body(Some(Uint8Array::from(&outgoing.body[..]).into())); // a string may take two bytes a character
    Request::new_with_init(outgoing.url.as_str(), &init)
}

async fn read(mut response: Response, max_answer: usize) -> Result<Answer, SendError> {
    let header = |name| response.headers().get(name).ok().flatten();
    let (content_type, retry_after) = (header("content-type"), header("retry-after"));
    let status = response.status_code();
    let body = first_bytes(&mut response, max_answer).await.map_err(|error| classify(&error))?;
    Ok(Answer { status, content_type, retry_after, body })
}

/// The beginning of a body, at most so many bytes; the rest is left unread.
pub(crate) async fn first_bytes(response: &mut Response, most: usize) -> worker::Result<Vec<u8>> {
    let mut body = Vec::new();
    if let Ok(mut stream) = response.stream() {
        while body.len() < most
            && let Some(piece) = stream.next().await
        {
            body.extend_from_slice(&piece?);
        }
        body.truncate(most);
    }
    Ok(body)
}

/// The platform says little about why a request failed: the deadline has a name, everything else is a broken connection.
fn classify(error: &Error) -> SendError {
    let text = error.to_string();
    if text.contains("TimeoutError") || text.contains("aborted") || text.contains("timeout") {
        SendError::Timeout
    } else {
        SendError::Connect
    }
}
