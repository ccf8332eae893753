//! The environment, read once by the home and never again.
//!
//! The home hands over a way to look a name up; nothing here reads the environment itself. Every mistake is told at
//! once, and a value that is hidden never appears in a message. Settings that can change while the server runs are
//! documents ([`crate::config::document`]); what is here is their default.

mod documents;
mod listening;
mod problem;
mod reader;
mod sending;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod types;
mod values;
mod variable;

pub use documents::{DocumentStore, ExternalBackend, Primary};
pub use listening::{DataDir, Listening, Refusal, RunMode, Storage, start_refusal};
pub use problem::{Problem, ProblemCode, Warning, WarningCode};
pub use reader::Lookup;
pub use survey::{Entry, State, help, survey};
pub use table::{UNUSED, Unused, VARIABLES};
pub use types::{Allowlist, ApiToken, BaseUrl, LogLevel, RedisUrl};
pub use variable::{Form, Need, Scope, Secrecy, Variable};

use crate::access::TrustedProxy;
use crate::calendar::Zone;
use crate::delivery::outcome::Mode;
use crate::delivery::{Secret, TargetUrl, UrlPolicy};
use crate::ledger::Retention;
use crate::ports::Tls;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use reader::Reader;

/// Where the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// As a native server.
    Native,
    /// As a Cloudflare Worker: variables of the native server are not looked for.
    Worker,
}

/// Everything the environment says.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the program runs.
    pub place: Place,
    /// How mails come in.
    pub ingress: Ingress,
    /// How webhooks go out, unless a document says otherwise.
    pub sending: Sending,
    /// The resolver that a Worker asks for the names of its clients, by DNS over HTTPS.
    pub names_url: Option<TargetUrl>,
    /// The zone of every question about hours and weekdays.
    pub zone: Zone,
    /// How long ended mails are kept.
    pub retention: Retention,
    /// The address this server is reached at.
    pub public_base_url: Option<BaseUrl>,
    /// The least grave log lines to write.
    pub log_level: LogLevel,
    /// What only the native server uses.
    pub server: Server,
    /// What the user should know, and that stops nothing.
    pub warnings: Vec<Warning>,
    missing: Vec<&'static str>,
}

/// How mails come in.
#[derive(Debug, Clone)]
pub struct Ingress {
    /// The bearer token of the Gmail intake; `None` until one is set or made.
    pub token: Option<ApiToken>,
    /// The token before it, still accepted.
    pub token_previous: Option<ApiToken>,
    /// The senders whose mails are processed.
    pub allowlist: Allowlist,
    /// Whether only Google's addresses may send.
    pub google_only: bool,
    /// Whose word is taken for the address of a client.
    pub trusted_proxy: TrustedProxy,
    /// Mails a minute and token; `None`: no limit.
    pub rate_per_minute: Option<u32>,
    /// Whether claims on a mail's ids are skipped, when `runtime_flags` does not say.
    pub dedup_disabled: bool,
    /// Whether only the first mail of a subject group is processed.
    pub subject_groups: Option<SubjectGroups>,
}

/// The claim on a subject group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectGroups {
    /// How long a group is remembered.
    pub ttl: Duration,
}

/// How webhooks go out, unless a document says otherwise.
#[derive(Debug, Clone)]
pub struct Sending {
    /// The default target.
    pub target: Option<TargetUrl>,
    /// Signs what goes to targets without a secret of their own: the current secret first, then the previous one.
    pub secrets: Vec<Secret>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// Under which media type a body is sent.
    pub mode: Mode,
    /// Whether a 415 is answered with the other media type.
    pub fallback_on_415: bool,
    /// Whether the certificates of targets are verified.
    pub tls: Tls,
    /// Whether a mail without links, rule and detector is sent.
    pub allow_without_links: bool,
    /// When the sending window opens, as written; always a time of day.
    pub window_start: Option<String>,
    /// When it closes, as written; always a time of day.
    pub window_end: Option<String>,
    /// Which URLs may be targets.
    pub url_policy: UrlPolicy,
}

/// What only the native server uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// `PORT`.
    pub port: Option<u16>,
    /// `BIND`, with the port it may hold.
    pub bind: Option<(IpAddr, Option<u16>)>,
    /// The directory of the embedded store.
    pub data_dir: String,
    /// The shared store; `None`: the embedded one.
    pub redis: Option<RedisSettings>,
    /// Whether Render runs it.
    pub on_render: bool,
    /// The resolver asked for the addresses of targets; `None`: the system's.
    pub dns_server: Option<SocketAddr>,
}

/// The store that several servers share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisSettings {
    /// Where it is.
    pub url: RedisUrl,
    /// Whether mails are taken although it may lose them.
    pub allow_volatile: bool,
    /// How long a server that died keeps the others from the background sweep.
    pub lock_ttl: Duration,
    /// The file that stands in for its lock.
    pub lock_file: Option<String>,
    /// Where the configuration documents are kept.
    pub documents: DocumentStore,
}

impl Settings {
    /// Reads every variable through `lookup`, or tells every problem at once.
    pub fn read(lookup: &Lookup<'_>, place: Place) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(lookup, place);
        let public_base_url = read_base_url(&mut reader);
        let ingress = Ingress::read(&mut reader);
        let sending = Sending::read(&mut reader, public_base_url.as_ref());
        let names_url = reader.read(&table::DNS_QUERY_URL, |text| values::resolver(text, &sending.url_policy));
        let server = Server::read(&mut reader, &sending.url_policy);
        let settings = Self {
            place,
            names_url,
            ingress,
            sending,
            zone: reader.read(&table::POLLING_TIMEZONE, values::zone).unwrap_or_default(),
            retention: Retention::read(&mut reader),
            public_base_url,
            log_level: reader.read(&table::LOG_LEVEL, values::log_level).unwrap_or(LogLevel::Info),
            server,
            missing: core::mem::take(&mut reader.missing),
            warnings: core::mem::take(&mut reader.warnings),
        };
        if reader.problems.is_empty() { Ok(settings) } else { Err(reader.problems) }
    }

    /// The names of the secrets that are needed and not set. In development mode the home makes them; a Worker without
    /// them answers 503 `not_configured`.
    pub fn missing_secrets(&self) -> &[&'static str] {
        &self.missing
    }

    /// Takes the ingress token that the home has made or kept, when none is set.
    pub fn adopt_token(&mut self, token: ApiToken) {
        if self.ingress.token.is_none() {
            self.ingress.token = Some(token);
            self.missing.retain(|name| *name != table::PROCESS_API_TOKEN.name);
        }
    }

    /// Where the native server listens, and in which mode.
    pub fn listening(&self) -> Listening {
        Listening::of(&self.server)
    }
}

impl Ingress {
    fn read(reader: &mut Reader<'_>) -> Self {
        let grouped = reader.switch(&table::ENABLE_SUBJECT_GROUP_DEDUP);
        let seconds = reader.number(&table::SUBJECT_GROUP_TTL_SECONDS).filter(|seconds| *seconds > 0);
        let ttl = seconds.map_or(days(30), |seconds| Duration::from_secs(seconds.into()));
        Self {
            token: reader.read(&table::PROCESS_API_TOKEN, values::token),
            token_previous: reader.read(&table::PROCESS_API_TOKEN_PREVIOUS, values::token),
            allowlist: reader
                .read(&table::GMAIL_SENDER_ALLOWLIST, |list| Ok(Allowlist::parse(list)))
                .unwrap_or_default(),
            google_only: reader.switch(&table::GMAIL_INGRESS_IP_CHECK_ENABLED),
            trusted_proxy: reader.read(&table::TRUSTED_PROXY, values::proxy).unwrap_or_default(),
            rate_per_minute: reader.number(&table::INGRESS_RATE_PER_MINUTE).filter(|rate| *rate > 0),
            dedup_disabled: reader.switch(&table::DISABLE_EMAIL_ID_DEDUP),
            subject_groups: grouped.then_some(SubjectGroups { ttl }),
        }
    }
}

/// How long mails are kept after their end state.
impl Retention {
    fn read(reader: &mut Reader<'_>) -> Self {
        let bodies = reader.number(&table::RETENTION_BODY_DAYS).unwrap_or(7);
        let records = reader.number(&table::RETENTION_RECORD_DAYS).unwrap_or(30);
        if records < bodies {
            reader.conflict(
                &table::RETENTION_RECORD_DAYS,
                format!("is {records}, less than RETENTION_BODY_DAYS ({bodies})"),
            );
        }
        Self { bodies: days(bodies), records: days(records) }
    }
}

impl Server {
    fn read(reader: &mut Reader<'_>, policy: &UrlPolicy) -> Self {
        Self {
            port: reader.number(&table::PORT).and_then(|port| u16::try_from(port).ok()),
            bind: reader.read(&table::BIND, values::address),
            data_dir: reader.read(&table::DATA_DIR, |path| Ok(path.to_owned())).unwrap_or_default(),
            redis: RedisSettings::read(reader, policy),
            on_render: reader.switch(&table::RENDER),
            dns_server: reader
                .read(&table::DNS_SERVER, values::address)
                .map(|(ip, port)| SocketAddr::new(ip, port.unwrap_or(53))),
        }
    }
}

impl RedisSettings {
    fn read(reader: &mut Reader<'_>, policy: &UrlPolicy) -> Option<Self> {
        let url = reader.read(&table::REDIS_URL, values::redis_url);
        let allow_volatile = reader.switch(&table::ALLOW_VOLATILE_REDIS);
        if allow_volatile {
            reader.warn_unsafe(&table::ALLOW_VOLATILE_REDIS, "accepted mails may be lost when Redis stops");
        }
        let lock_ttl = Duration::from_secs(reader.number(&table::REDIS_LOCK_TTL_SECONDS).unwrap_or(300).into());
        let lock_file = reader.read(&table::BG_POLLER_LOCK_FILE, |path| Ok(path.to_owned()));
        let documents = DocumentStore::read(reader, policy);
        url.map(|url| Self { url, allow_volatile, lock_ttl, lock_file, documents })
    }
}

/// `PUBLIC_BASE_URL`, else what Render says.
fn read_base_url(reader: &mut Reader<'_>) -> Option<BaseUrl> {
    let own = reader.read(&table::PUBLIC_BASE_URL, values::base_url);
    let external = reader.read(&table::RENDER_EXTERNAL_URL, values::base_url);
    own.or(external)
}

fn days(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 86_400)
}
