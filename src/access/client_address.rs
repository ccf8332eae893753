//! The address of the client, when proxies stand between it and this server.
//!
//! A header is believed only because the configuration names the proxy that writes it (`TRUSTED_PROXY`), and only the
//! part of it that this proxy wrote. Nothing is guessed: where the configured proxy left no address, the address is
//! unknown. It does not check that the peer really is that proxy: the operator promises that nobody else can connect.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU8;
use std::str::FromStr;

use http::{HeaderMap, HeaderName};

const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The most proxies `TRUSTED_PROXY=<n>` may count.
const MAX_HOPS: u8 = 16;

/// Which proxy stands in front and writes the client's address (`TRUSTED_PROXY`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TrustedProxy {
    /// None: the peer of the connection is the client. Every header is ignored.
    #[default]
    None,
    /// Cloudflare, a Worker included: `CF-Connecting-IP`, which Cloudflare overwrites with the address it saw.
    Cloudflare,
    /// Render's edge. All its public traffic enters through Cloudflare, so the same header holds the client; the number
    /// of hops that Render adds to `X-Forwarded-For` behind it is Render's own affair, and is not relied upon.
    Render,
    /// So many proxies, each adding the address it saw to the end of `X-Forwarded-For`: with *n* of them, the *n*-th
    /// entry from the right is the client. What a client wrote itself stands further left.
    Hops(NonZeroU8),
}

/// `TRUSTED_PROXY` holds something else than `none`, `cloudflare`, `render` or a number from 1 to 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a trusted proxy is none, cloudflare, render, or the number of proxies from 1 to {MAX_HOPS}")]
pub struct BadTrustedProxy;

impl BadTrustedProxy {
    /// The stable code, for start-up messages.
    pub fn code(self) -> &'static str {
        "bad_trusted_proxy"
    }
}

impl FromStr for TrustedProxy {
    type Err = BadTrustedProxy;

    fn from_str(text: &str) -> Result<Self, BadTrustedProxy> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "none" | "" => Ok(Self::None),
            "cloudflare" => Ok(Self::Cloudflare),
            "render" => Ok(Self::Render),
            number => number
                .parse()
                .ok()
                .filter(|hops: &NonZeroU8| hops.get() <= MAX_HOPS)
                .map(Self::Hops)
                .ok_or(BadTrustedProxy),
        }
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Cloudflare => f.write_str("cloudflare"),
            Self::Render => f.write_str("render"),
            Self::Hops(hops) => write!(f, "{hops}"),
        }
    }
}

/// The client's address, or `None` where it is not known: the configured proxy left no address, more than one, or
/// something that is not an address. `peer` is the other end of the connection; a Worker has none.
///
/// An unknown client is not the peer: behind a proxy that would be the proxy, shared by everybody. Callers treat all
/// unknown clients as one. An IPv4 address in IPv6 dress comes out as IPv4.
pub fn client_address(peer: Option<IpAddr>, headers: &HeaderMap, proxy: TrustedProxy) -> Option<IpAddr> {
    let address = match proxy {
        TrustedProxy::None => peer,
        TrustedProxy::Cloudflare | TrustedProxy::Render => single(headers, &CF_CONNECTING_IP),
        TrustedProxy::Hops(hops) => from_the_right(headers, hops),
    };
    address.map(|address| address.to_canonical())
}

/// The address in a header that must occur once: twice means that somebody in the way added one.
fn single(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    value.to_str().ok()?.trim().parse().ok()
}

/// The entry that `hops` proxies left at that place of `X-Forwarded-For`, its lines read as one list. A line that is not
/// text, or too short a list, gives nothing: the request did not come through all the proxies.
fn from_the_right(headers: &HeaderMap, hops: NonZeroU8) -> Option<IpAddr> {
    let mut remaining = hops.get();
    for line in headers.get_all(X_FORWARDED_FOR).iter().rev() {
        for entry in line.to_str().ok()?.rsplit(',') {
            remaining -= 1;
            if remaining == 0 {
                return parse_entry(entry.trim());
            }
        }
    }
    None
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let bracketed = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    entry.parse().ok().or_else(|| Some(entry.parse::<SocketAddr>().ok()?.ip())).or_else(bracketed)
}

#[cfg(test)]
mod tests;
