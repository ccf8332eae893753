//! Where Redis is: `REDIS_URL`, read once. Nothing here connects.
//!
//! `redis://`, `rediss://` (TLS, trusting Mozilla's roots, or with `?ca_file=/path.pem` that authority alone) and `unix://` name one
//! server; `redis+sentinel://[user:password@]host[:port],…/service[/db]` and `rediss+sentinel://` name Sentinels that know it.
//! `?protocol=resp3` speaks RESP3. Sentinels that want a password of their own: `sentinel_username`, `sentinel_password`.

#[cfg(test)]
mod tests;

use super::LinkError;
use redis::io::tcp::TcpSettings;
use redis::{Client, ConnectionAddr, IntoConnectionInfo as _, RedisConnectionInfo, TlsCertificates};
use url::Url;

/// Where Redis is, and how to log in there. Its `Debug` shows neither.
#[derive(Clone)]
pub struct Servers {
    pub(super) way: Way,
    login: RedisConnectionInfo,
    /// The only authority that is trusted, as PEM; `None`: Mozilla's roots.
    authority: Option<Vec<u8>>,
    encryption: Encryption,
}

#[derive(Clone)]
pub(super) enum Way {
    /// To that server.
    Direct(ConnectionAddr),
    /// To the primary that Sentinels name.
    Sentinel(Sentinels),
}

/// The servers that know where the primary is.
#[derive(Clone)]
pub(super) struct Sentinels {
    pub(super) hosts: Vec<ConnectionAddr>,
    pub(super) service: String,
    login: RedisConnectionInfo,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encryption {
    None,
    Tls,
}

/// Why `REDIS_URL` cannot be used. Holds nothing of its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is no URL of Redis.
    #[error(
        "expected redis://[user:password@]host[:port][/db], rediss://, unix:///path or redis+sentinel://host,…/service"
    )]
    Malformed,
    /// Only certificates that verify are taken.
    #[error("`#…` is not supported; for a certificate of your own authority add ?ca_file=/path/to/ca.pem")]
    Fragment,
    /// The authority's certificate cannot be used.
    #[error("the certificates of ca_file cannot be used: {0}")]
    Authority(String),
    /// An authority certifies nothing where there is no TLS.
    #[error("ca_file without TLS: write rediss:// or rediss+sentinel://")]
    Plain,
    /// Sentinels watch over named services.
    #[error("the name of the service is missing: redis+sentinel://host[:port],…/service[/db]")]
    NoService,
}

/// Sentinel's port, when none is written.
const SENTINEL_PORT: u16 = 26_379;

impl std::fmt::Debug for Servers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Servers")
    }
}

impl Servers {
    /// Reads `REDIS_URL`.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        match text.split_once("://") {
            Some(("redis+sentinel", rest)) => Self::sentinel("redis", rest),
            Some(("rediss+sentinel", rest)) => Self::sentinel("rediss", rest),
            _ => Self::direct(text),
        }
    }

    /// Whether Sentinels name the primary, so that another one may take its place.
    pub fn fail_over(&self) -> bool {
        matches!(self.way, Way::Sentinel(_))
    }

    /// The way to a server of data.
    pub(super) fn client(&self, address: ConnectionAddr) -> Result<Client, LinkError> {
        self.client_as(address, &self.login)
    }

    /// The way to a Sentinel.
    pub(super) fn sentinel_client(&self, sentinels: &Sentinels, address: ConnectionAddr) -> Result<Client, LinkError> {
        self.client_as(address, &sentinels.login)
    }

    /// The address of a primary that a Sentinel named.
    pub(super) fn address(&self, host: String, port: u16) -> ConnectionAddr {
        match self.encryption {
            Encryption::None => ConnectionAddr::Tcp(host, port),
            Encryption::Tls => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
        }
    }

    fn client_as(&self, address: ConnectionAddr, login: &RedisConnectionInfo) -> Result<Client, LinkError> {
        let info = address.into_connection_info().map_err(|error| LinkError::from(&error))?;
        let info = info.set_redis_settings(login.clone()).set_tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = match &self.authority {
            Some(pem) => {
                Client::build_with_tls(info, TlsCertificates { client_tls: None, root_cert: Some(pem.clone()) })
            }
            None => Client::open(info),
        };
        client.map_err(|error| LinkError::from(&error))
    }

    fn direct(text: &str) -> Result<Self, UrlError> {
        let url = redis::parse_redis_url(text).ok_or(UrlError::Malformed)?;
        if url.fragment().is_some() {
            return Err(UrlError::Fragment);
        }
        let info = url.clone().into_connection_info().map_err(|_| UrlError::Malformed)?;
        let encrypted = matches!(info.addr(), ConnectionAddr::TcpTls { .. });
        let authority = match query(&url, "ca_file") {
            Some(path) if encrypted => Some(authority(&path)?),
            Some(_) => return Err(UrlError::Plain),
            None => None,
        };
        Ok(Self {
            way: Way::Direct(info.addr().clone()),
            // What the crate tells of itself is one command more on each connection.
            login: info.redis_settings().clone().set_skip_set_lib_name(),
            authority,
            encryption: if encrypted { Encryption::Tls } else { Encryption::None },
        })
    }

    fn sentinel(scheme: &str, rest: &str) -> Result<Self, UrlError> {
        let (rest, tail) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').ok_or(UrlError::NoService)?;
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), authority),
        };
        let (service, db) = path.split_once('/').unwrap_or((path, ""));
        if service.is_empty() {
            return Err(UrlError::NoService);
        }
        // The rest reads as it does for one server.
        let text = format!("{scheme}://{user}sentinel/{db}?{tail}");
        let mut servers = Self::direct(&text)?;
        let url = Url::parse(&text).map_err(|_| UrlError::Malformed)?;
        let mut login = RedisConnectionInfo::default().set_skip_set_lib_name();
        if let Some(name) = query(&url, "sentinel_username") {
            login = login.set_username(name);
        }
        if let Some(password) = query(&url, "sentinel_password") {
            login = login.set_password(password);
        }
        let hosts = hosts.split(',').map(|host| servers.sentinel_address(host)).collect::<Result<_, _>>()?;
        servers.way = Way::Sentinel(Sentinels { hosts, service: service.to_owned(), login });
        Ok(servers)
    }

    fn sentinel_address(&self, host: &str) -> Result<ConnectionAddr, UrlError> {
        let url = Url::parse(&format!("redis://{}", host.trim())).map_err(|_| UrlError::Malformed)?;
        let name = url.host_str().filter(|name| !name.is_empty()).ok_or(UrlError::Malformed)?;
        // An address of IPv6 stands in brackets in a URL, and without them in a call.
        let name = name.trim_start_matches('[').trim_end_matches(']');
        Ok(self.address(name.to_owned(), url.port().unwrap_or(SENTINEL_PORT)))
    }
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn authority(path: &str) -> Result<Vec<u8>, UrlError> {
    let pem = std::fs::read(path).map_err(|error| UrlError::Authority(error.to_string()))?;
    let holds_one = pem.windows(27).any(|part| part == b"-----BEGIN CERTIFICATE-----");
    if holds_one { Ok(pem) } else { Err(UrlError::Authority("no certificate in PEM form is in it".to_owned())) }
}
