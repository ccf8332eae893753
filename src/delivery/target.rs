//! Where a delivery may go.
//!
//! A [`TargetUrl`] can only hold an admitted URL, in one spelling. It vets what is *written*; what a name resolves to is
//! vetted at each connection, with [`super::address::is_forbidden`].

mod host;
mod key;
mod refusal;

pub use key::TargetKey;
pub use refusal::UrlRefusal;

use super::address::{self, Loopback};
use core::net::IpAddr;
use url::{Host, Url};

/// What this installation admits as a target.
#[derive(Debug, Clone, Default)]
pub struct UrlPolicy {
    /// Whether `http` and `https` to a loopback address are admitted (`ALLOW_LOOPBACK_TARGETS`).
    pub loopback: Loopback,
    /// Host names this service answers under, without port: sending to them would be a loop. Loopback addresses admitted
    /// by the switch are not looked up here, because in development the service and its targets share one.
    pub own_hosts: Vec<String>,
}

/// A URL that deliveries may be sent to: https, no credentials, no forbidden address, no local, own or placeholder name.
///
/// Kept normalised: lower-case host without trailing dot, addresses in their one spelling, no default port, no fragment.
/// It cannot be read back from a store without a policy: parse the stored text again, since the policy may have changed.
/// The path and the query are secrets (a Make token, a SAS signature): `Debug` and [`masked`](Self::masked) leave them out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TargetUrl(Url);

/// Longest URL admitted, in bytes of its normalised text.
const MAX_LENGTH: usize = 2048;

impl TargetUrl {
    /// Reads a URL as typed or stored; blanks around it are dropped.
    pub fn parse(text: &str, policy: &UrlPolicy) -> Result<Self, UrlRefusal> {
        let url = normalise(text.trim())?;
        match url.scheme() {
            "https" => check_host(&url, policy)?,
            "http" if admitted_loopback(&url, policy) => {}
            _ => return Err(UrlRefusal::NotHttps),
        }
        Ok(Self(url))
    }

    /// The URL in full, to send to or to store. Not for logs.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host: a name in lower case, or an address.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default() // never absent: `parse` refuses it
    }

    /// What may be shown: `https://host/***`, with the port when it is not the usual one.
    pub fn masked(&self) -> String {
        let port = self.0.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}/***", self.0.scheme(), self.host())
    }

    /// The key of this URL where it is a target by itself, without a stored target to name it.
    pub fn key(&self) -> TargetKey {
        TargetKey::of(self.as_str())
    }
}

impl core::fmt::Debug for TargetUrl {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "TargetUrl({})", self.masked())
    }
}

/// One spelling for each URL, before anything is judged.
fn normalise(text: &str) -> Result<Url, UrlRefusal> {
    if text.len() > MAX_LENGTH {
        return Err(UrlRefusal::TooLong);
    }
    // The parser would drop line breaks, turn `\` into `/`, and read `https:host`: a slip of the hand, or a disguise.
    if text.contains(|c: char| c.is_control() || c == '\\') {
        return Err(UrlRefusal::Malformed);
    }
    let (scheme, _) = text.split_once("://").ok_or(UrlRefusal::Malformed)?;
    if !["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(UrlRefusal::NotHttps);
    }
    let mut url = Url::parse(text).map_err(|_| UrlRefusal::Malformed)?;
    url.set_fragment(None);
    drop_trailing_dot(&mut url)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefusal::Userinfo);
    }
    // Percent-encoding lengthens: what is stored and sent is what is measured.
    if url.as_str().len() > MAX_LENGTH { Err(UrlRefusal::TooLong) } else { Ok(url) }
}

/// `host.` and `host` are the same name; only the second is compared, shown and sent.
fn drop_trailing_dot(url: &mut Url) -> Result<(), UrlRefusal> {
    let Some(bare) = url.domain().and_then(|name| name.strip_suffix('.')).map(str::to_owned) else {
        return Ok(());
    };
    url.set_host(Some(&bare)).map_err(|_| UrlRefusal::Malformed)
}

fn admitted_loopback(url: &Url, policy: &UrlPolicy) -> bool {
    policy.loopback == Loopback::Allowed && address_of(url).is_some_and(|address| address.is_loopback())
}

fn address_of(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(_) => None,
    }
}

fn check_host(url: &Url, policy: &UrlPolicy) -> Result<(), UrlRefusal> {
    if admitted_loopback(url, policy) {
        return Ok(());
    }
    let text = url.host_str().ok_or(UrlRefusal::Malformed)?;
    if host::is_placeholder(text) {
        return Err(UrlRefusal::Placeholder);
    }
    match address_of(url) {
        Some(address) if address::is_forbidden(address, policy.loopback) => return Err(UrlRefusal::ForbiddenAddress),
        Some(_) => {}
        None => host::check_name(text)?,
    }
    if host::is_one_of(text, &policy.own_hosts) { Err(UrlRefusal::OwnHost) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
