//! The resolver inside the HTTP client: a connection is made to the very addresses that were judged here.
//!
//! The client asks it for every new connection and connects to nothing else, so a name that changes its mind between a
//! check and a connection (DNS rebinding) gains nothing. Addresses written as numbers never come here.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use render_signal::delivery::Loopback;
use render_signal::delivery::address::is_forbidden;
use render_signal::ports::NamesError;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::names::AddressLookup;

/// A lookup whose answers are judged as a whole.
pub(super) struct Vetting<L> {
    lookup: Arc<L>,
    loopback: Loopback,
}

/// Why a name gives no address to connect to. Travels through the client's own error to `failure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unresolved {
    #[error("no address is known for this name")]
    Unknown,
    #[error(transparent)]
    Failed(NamesError),
    #[error("an address of this name must not be reached")]
    Forbidden,
}

impl<L: AddressLookup> Vetting<L> {
    pub(super) fn new(lookup: L, loopback: Loopback) -> Self {
        Self { lookup: Arc::new(lookup), loopback }
    }
}

impl<L: AddressLookup> Resolve for Vetting<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, loopback) = (self.lookup.clone(), self.loopback);
        Box::pin(async move {
            let addresses = lookup.addresses(name.as_str()).await.map_err(Unresolved::Failed)?;
            Ok(vet(addresses, loopback)?)
        })
    }
}

/// All the addresses, or none: one forbidden address among good ones is an attempt, or a mistake nobody should rely on.
fn vet(addresses: Vec<IpAddr>, loopback: Loopback) -> Result<Addrs, Unresolved> {
    if addresses.is_empty() {
        return Err(Unresolved::Unknown);
    }
    if addresses.iter().any(|address| is_forbidden(*address, loopback)) {
        return Err(Unresolved::Forbidden);
    }
    // Port 0 stands for the port of the URL.
    Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))))
}
