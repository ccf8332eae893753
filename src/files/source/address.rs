//! Where a URL points: its host, judged, and what follows it.

use super::SourceRefusal;
use url::Host;

/// The domains files are fetched from, with everything under them. `WeTransfer` is no provider of links, but an allowed
/// place to fetch from.
const DOMAINS: [&str; 4] = ["dropbox.com", "fromsmash.com", "swisstransfer.com", "wetransfer.com"];

/// An http or https URL on an allowed host, without user info, in its parts.
pub(super) struct Address<'a> {
    /// Lower case, without a final dot.
    pub(super) host: String,
    /// As written; `None` when there is none, or an empty one.
    pub(super) port: Option<u16>,
    /// Path, query and fragment, as written.
    pub(super) tail: &'a str,
}

impl<'a> Address<'a> {
    /// The parts of a URL, or why it is not fetched from.
    pub(super) fn read(text: &'a str) -> Result<Self, SourceRefusal> {
        let rest = after_scheme(text).ok_or(SourceRefusal::NotAUrl)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end).ok_or(SourceRefusal::NotAUrl)?;
        if authority.contains('@') {
            return Err(SourceRefusal::Userinfo);
        }
        let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        check(&host)?;
        Ok(Self { host, port: read_port(port)?, tail })
    }
}

/// What follows `http://` or `https://`, in any case.
pub(super) fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    ["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(rest)
}

/// Only plain ASCII labels are looked at: with a `\`, a percent escape or an international letter in the host, two
/// parsers may see two hosts.
fn check(host: &str) -> Result<(), SourceRefusal> {
    if host.is_empty() {
        return Err(SourceRefusal::DomainMissing);
    }
    if !DOMAINS.iter().any(|domain| is_within(host, domain)) || !host.split('.').all(is_label) {
        return Err(SourceRefusal::DomainNotAllowed);
    }
    // A label such as `xn--a` is plain ASCII, and still no name.
    Host::parse(host).map(|_| ()).map_err(|_| SourceRefusal::NotAUrl)
}

fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn read_port(text: &str) -> Result<Option<u16>, SourceRefusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(Some).ok_or(SourceRefusal::NotAUrl)
}
