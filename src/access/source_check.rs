//! Does an address belong to Google? The check behind `GMAIL_INGRESS_IP_CHECK_ENABLED`, off by default.
//!
//! An address may claim any name in its reverse zone, so the claimed name must also lead back to the address. This is
//! not authentication: it says which network a request came from, and everybody's Apps Script comes from the same one.

use std::net::IpAddr;

use crate::ports::{Names, NamesError};

/// The zones whose names are Google's. A name must lie below one of them, on a label boundary.
const ZONES: [&str; 2] = ["google.com", "googleusercontent.com"];

/// How many claimed names are confirmed. A hostile reverse zone can list hundreds, each costing a lookup.
const MAX_NAMES: usize = 4;

/// What the name system says about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceVerdict {
    /// One of its names is Google's, and that name leads back to the address.
    Google,
    /// No name of Google's is confirmed. Also the answer for an address without any name.
    Other,
}

/// Asks the name system whether `peer` is Google's. `peer` is the client's address (see
/// [`client_address`](super::client_address())), never that of a proxy.
///
/// A failure of the resolver is an error and not a verdict: the caller answers 503, so that the client keeps the mail
/// and comes back. A name confirmed before or after a failed lookup still counts. Costs one reverse lookup and at most
/// four forward lookups.
pub async fn is_google(names: &impl Names, peer: IpAddr) -> Result<SourceVerdict, NamesError> {
    let peer = peer.to_canonical();
    let claimed = names.reverse(peer).await?;
    let mut failure = None;
    for name in claimed.iter().filter(|name| is_google_name(name)).take(MAX_NAMES) {
        match names.forward(name).await {
            Ok(addresses) if addresses.iter().any(|address| address.to_canonical() == peer) => {
                return Ok(SourceVerdict::Google);
            }
            Ok(_) => {}
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(SourceVerdict::Other), Err)
}

/// Whether `name` lies below one of Google's zones. Case does not count, nor does one trailing dot.
fn is_google_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    ZONES.iter().any(|zone| {
        name.strip_suffix(zone).and_then(|rest| rest.strip_suffix('.')).is_some_and(|rest| !rest.is_empty())
    })
}

#[cfg(test)]
mod tests;
