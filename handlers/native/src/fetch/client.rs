//! The settings of the HTTP client: what it says of itself, and everything it must not do by itself.

use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::Resolve;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder, redirect, retry};

const USER_AGENT: &str = concat!("Render-Signal/", env!("CARGO_PKG_VERSION"));
const ACCEPTED: HeaderValue = HeaderValue::from_static("application/json, text/plain, */*");

/// A connection nobody uses is closed after this time. A target that closes sooner is noticed when it does.
const IDLE: Duration = Duration::from_secs(30);
const IDLE_PER_HOST: usize = 4;

/// A connection attempt ends after this time even when the request it was made for is gone; the request's own deadline
/// usually comes first.
const CONNECT: Duration = Duration::from_secs(30);

/// A client that finds names with `names` only. HTTP/1.1: one request a connection at a time.
pub(super) fn builder(names: Arc<impl Resolve + 'static>) -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(HeaderMap::from_iter([(ACCEPT, ACCEPTED)]))
        .dns_resolver(names)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .http1_only()
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST)
}
