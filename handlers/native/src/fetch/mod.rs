//! The `Fetch` port on reqwest: one request out, one bounded answer in, whatever the other side does.
//!
//! Addresses are vetted where the connection is made (`vetting`), so no second lookup can slip in between. It follows
//! no redirect, reads no proxy setting, keeps no cookie, and repeats nothing: trying again is the ledger's business.

mod client;
mod failure;
mod vetting;

use std::net::IpAddr;
use std::sync::Arc;

use render_signal::delivery::address::is_forbidden;
use render_signal::delivery::outcome::{Answer, SendError};
use render_signal::delivery::{Loopback, TargetUrl};
use render_signal::ports::{Fetch, Outgoing, Tls};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Response, Url};

use self::vetting::Vetting;
use crate::names::AddressLookup;

/// Sends to webhook targets. Cheap to clone; clones share the kept connections.
///
/// At most four unused connections a host and TLS setting are kept, for 30 seconds. How many are in use at once is for
/// the caller to bound; the ledger's leases do.
#[derive(Debug, Clone)]
pub struct Sender {
    verified: Client,
    unverified: Client,
    loopback: Loopback,
}

/// The TLS library refused to start. Nothing a user did.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the outgoing client: {0}")]
pub struct SetupError(#[from] reqwest::Error);

impl Sender {
    /// A sender that finds addresses with `names`. `loopback` is about addresses written in URLs only: a *name* that
    /// leads to this machine is refused whatever it says.
    pub fn new(names: impl AddressLookup, loopback: Loopback) -> Result<Self, SetupError> {
        let names = Arc::new(Vetting::new(names, Loopback::Refused));
        let verified = client::builder(names.clone()).build()?;
        let unverified = client::builder(names).danger_accept_invalid_certs(true).build()?;
        Ok(Self { verified, unverified, loopback })
    }

    /// Asks for something instead of sending it: a `GET` without a body, under the same rules.
    pub async fn get(&self, request: Outgoing) -> Result<Answer, SendError> {
        self.within_deadline(Method::GET, request).await
    }

    async fn within_deadline(&self, method: Method, request: Outgoing) -> Result<Answer, SendError> {
        let deadline = request.timeout;
        tokio::time::timeout(deadline, self.exchange(method, request)).await.unwrap_or(Err(SendError::Timeout))
    }

    /// Everything but the deadline.
    async fn exchange(&self, method: Method, request: Outgoing) -> Result<Answer, SendError> {
        let url = self.vetted(&request.url)?;
        let client = match request.tls {
            Tls::Verified => &self.verified,
            Tls::Unverified => &self.unverified,
        };
        let mut call = client.request(method.clone(), url).headers(headers(&request.headers)?);
        if method == Method::POST {
            call = call.body(request.body);
        }
        let response = call.send().await.map_err(|error| failure::classify(&error))?;
        read(response, request.max_answer).await
    }

    /// The URL, unless an address is written in it that must not be reached: the client does not ask the resolver about
    /// such a host, so it is judged here.
    fn vetted(&self, url: &TargetUrl) -> Result<Url, SendError> {
        let url = Url::parse(url.as_str()).map_err(|_| SendError::Protocol)?;
        let written = match url.host() {
            Some(url::Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(url::Host::Ipv6(address)) => Some(IpAddr::from(address)),
            _ => None,
        };
        match written {
            Some(address) if is_forbidden(address, self.loopback) => Err(SendError::ForbiddenAddress),
            _ => Ok(url),
        }
    }
}

impl Fetch for Sender {
    async fn send(&self, request: Outgoing) -> Result<Answer, SendError> {
        self.within_deadline(Method::POST, request).await
    }
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, SendError> {
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (name, value) in pairs {
        let name = HeaderName::try_from(name).map_err(|_| SendError::Protocol)?;
        headers.append(name, HeaderValue::try_from(value).map_err(|_| SendError::Protocol)?);
    }
    Ok(headers)
}

/// The answer, its body cut at `max` decoded bytes. Dropping the response with bytes to come closes its connection.
async fn read(mut response: Response, max: usize) -> Result<Answer, SendError> {
    let mut body = Vec::new();
    while body.len() < max {
        let Some(chunk) = response.chunk().await.map_err(|error| failure::classify(&error))? else { break };
        body.extend(chunk.iter().take(max - body.len()));
    }
    Ok(Answer {
        status: response.status().as_u16(),
        content_type: text_of(&response, &CONTENT_TYPE),
        retry_after: text_of(&response, &RETRY_AFTER),
        body,
    })
}

/// A header's first value, if it is text.
fn text_of(response: &Response, name: &HeaderName) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests;
