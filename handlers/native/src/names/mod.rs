//! The name system, natively: the `Names` port, and the address lookup of the outgoing sender.
//!
//! hickory asks the servers of the system's configuration, or the one of `DNS_SERVER`, and honours `/etc/hosts`. It
//! vets no address: that is the sender's duty. A name is always taken as complete: search domains are never tried.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use render_signal::ports::{Names, NamesError};

/// One try at a server lasts so long, and there are two.
const TRY: Duration = Duration::from_secs(2);
const RETRIES: usize = 1;

/// No question takes longer, whatever the servers do.
const WHOLE: Duration = Duration::from_secs(5);

/// Answers are kept at most so long, whatever their own lifetime says: a target that moved is found soon.
const MAX_KEPT: Duration = Duration::from_mins(5);
const MAX_ABSENCE_KEPT: Duration = Duration::from_secs(30);
const KEPT_ANSWERS: u64 = 512;

/// Finds the addresses an outgoing request may connect to.
///
/// Unlike [`Names::forward`], one family is enough when the other cannot be asked: many a name server fails on IPv6
/// questions. No such name is an empty list.
pub trait AddressLookup: Send + Sync + 'static {
    /// Every address known of `host`, IPv4 first.
    fn addresses(&self, host: &str) -> impl Future<Output = Result<Vec<IpAddr>, NamesError>> + Send;
}

/// The system's name servers, or one given. Cheap to clone; clones share connections and the cache.
#[derive(Clone)]
pub struct SystemNames {
    resolver: TokioResolver,
}

/// The system's resolver configuration cannot be read. Set `DNS_SERVER` to do without it.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the system's name server configuration: {0}")]
pub struct SetupError(#[from] NetError);

impl SystemNames {
    /// The servers and options of `/etc/resolv.conf`.
    pub fn from_system() -> Result<Self, SetupError> {
        let mut builder = TokioResolver::builder_tokio()?;
        tune(builder.options_mut());
        Ok(Self { resolver: builder.build()? })
    }

    /// One server only, for `DNS_SERVER=ip:port`. `/etc/hosts` still comes first.
    pub fn at(server: SocketAddr) -> Result<Self, SetupError> {
        let mut builder = TokioResolver::builder_with_config(config_at(server), TokioRuntimeProvider::default());
        tune(builder.options_mut());
        Ok(Self { resolver: builder.build()? })
    }

    /// The records of one kind. No such name, or none of that kind, is an empty list.
    async fn ask(&self, name: Name, kind: RecordType) -> Result<Vec<RData>, NamesError> {
        let lookup = in_time(self.resolver.lookup(name, kind)).await?;
        Ok(lookup.map_or_else(Vec::new, |found| found.answers().iter().map(|record| record.data.clone()).collect()))
    }
}

impl Names for SystemNames {
    async fn reverse(&self, address: IpAddr) -> Result<Vec<String>, NamesError> {
        let records = self.ask(Name::from(address), RecordType::PTR).await?;
        Ok(records
            .iter()
            .filter_map(|data| if let RData::PTR(name) = data { Some(name.to_ascii()) } else { None })
            .collect())
    }

    async fn forward(&self, name: &str) -> Result<Vec<IpAddr>, NamesError> {
        let Some(name) = complete(name) else { return Ok(Vec::new()) };
        let (v4, v6) =
            futures_util::future::join(self.ask(name.clone(), RecordType::A), self.ask(name, RecordType::AAAA)).await;
        Ok(v4?.iter().chain(&v6?).filter_map(RData::ip_addr).collect())
    }
}

impl AddressLookup for SystemNames {
    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NamesError> {
        let Some(name) = complete(host) else { return Ok(Vec::new()) };
        let found = in_time(self.resolver.lookup_ip(name)).await?;
        Ok(found.map_or_else(Vec::new, |found| found.iter().collect()))
    }
}

/// One server, first over UDP, and over TCP for what does not fit.
fn config_at(server: SocketAddr) -> ResolverConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, connections.into())])
}

/// The settings that do not depend on where the servers are. Both families are asked, so that all addresses are vetted.
fn tune(options: &mut ResolverOpts) {
    options.timeout = TRY;
    options.attempts = RETRIES;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.cache_size = KEPT_ANSWERS;
    options.positive_max_ttl = Some(MAX_KEPT);
    options.negative_max_ttl = Some(MAX_ABSENCE_KEPT);
}

/// A host name as a complete name, which no search domain is added to. Text that cannot be a name has no addresses.
fn complete(host: &str) -> Option<Name> {
    let mut name = Name::from_ascii(host).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// The answer to one question: `None` if the servers say that there is nothing.
async fn in_time<T>(question: impl Future<Output = Result<T, NetError>>) -> Result<Option<T>, NamesError> {
    match tokio::time::timeout(WHOLE, question).await {
        Err(_) | Ok(Err(NetError::Timeout)) => Err(NamesError::Timeout),
        Ok(Err(error)) if says_nothing_there(&error) => Ok(None),
        Ok(Err(_)) => Err(NamesError::Unavailable),
        Ok(Ok(found)) => Ok(Some(found)),
    }
}

/// Whether the servers answered that the name, or records of that kind, do not exist.
fn says_nothing_there(error: &NetError) -> bool {
    let NetError::Dns(DnsError::NoRecordsFound(none)) = error else { return false };
    matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError)
}

#[cfg(test)]
mod tests;
