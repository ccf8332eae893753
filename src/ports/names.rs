//! The port that asks the name system questions in both directions.
//!
//! It knows nothing of who asks and decides nothing. Outgoing requests do not pass through it: the home that sends them
//! resolves, vets and pins addresses inside its own `Fetch` adapter.

use std::net::IpAddr;

/// Names of addresses, addresses of names.
///
/// **Idempotence:** both calls only read. **Failure:** [`NamesError`] means "no answer", never "no such name": a name
/// or address nobody knows is an empty list. **Cost:** one round trip to a resolver, or a cached answer; an adapter
/// answers or fails within 5 seconds.
#[allow(async_fn_in_trait, reason = "a home is a concrete type: rustc sees whether its futures are `Send`")]
pub trait Names {
    /// The names an address claims to have (its PTR records), as written there. Anybody who runs the reverse zone of an
    /// address can write any name here: confirm it with [`forward`](Names::forward) before believing it.
    async fn reverse(&self, address: IpAddr) -> Result<Vec<String>, NamesError>;

    /// Every address, IPv4 and IPv6, that a name has. If one of the two families cannot be asked, the call fails: the
    /// list is complete or there is none.
    async fn forward(&self, name: &str) -> Result<Vec<IpAddr>, NamesError>;
}

/// Why the name system gave no answer. All of it is the outside world's doing, and worth another try later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NamesError {
    /// No resolver answered in time.
    #[error("no name server answered in time")]
    Timeout,
    /// A resolver answered that it could not find out (SERVFAIL, REFUSED), or could not be reached at all.
    #[error("the name servers could not answer")]
    Unavailable,
}

impl NamesError {
    /// The stable code, for logs and answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Timeout => "names_timeout",
            Self::Unavailable => "names_unavailable",
        }
    }
}
