//! Judging a host by its name. Every host here is already normalised: lower case, ASCII, no trailing dot.

use super::UrlRefusal;
use url::Host;

/// Hosts the predecessor's users stored by mistake, by copying an example; mails were lost to them.
const PLACEHOLDERS: [&str; 6] = ["example.com", "example.org", "example.net", "test.com", "localhost", "127.0.0.1"];

/// Placeholders with everything under them. The predecessor left `.example.org` and `.test.com` out, and so do we.
const PLACEHOLDER_PARENTS: [&str; 2] = ["example.com", "example.net"];

/// Names that mean something only inside one machine or network.
const LOCAL_PARENTS: [&str; 5] = ["localhost", "localdomain", "local", "internal", "home.arpa"];

/// Whether this host is an example that nobody means.
pub(super) fn is_placeholder(host: &str) -> bool {
    PLACEHOLDERS.contains(&host) || PLACEHOLDER_PARENTS.iter().any(|parent| is_within(host, parent))
}

/// Refuses names that are malformed, or that cannot be meant for the public internet.
pub(super) fn check_name(name: &str) -> Result<(), UrlRefusal> {
    if name.split('.').any(str::is_empty) {
        return Err(UrlRefusal::Malformed);
    }
    let local = !name.contains('.') || LOCAL_PARENTS.iter().any(|parent| is_within(name, parent));
    if local { Err(UrlRefusal::LocalName) } else { Ok(()) }
}

/// Whether the host is among `hosts`, in whatever spelling those are written.
pub(super) fn is_one_of(host: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|other| match Host::parse(other.trim_end_matches('.')) {
        Ok(parsed) => parsed.to_string() == host,
        Err(_) => other.eq_ignore_ascii_case(host),
    })
}

/// Whether `name` is `parent` or lies under it.
fn is_within(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
