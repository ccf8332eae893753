//! Values that only the environment gives.

use crate::ports::Level;
use core::fmt;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use subtle::ConstantTimeEq;
use url::Url;

/// A bearer token. Its `Debug` is silent.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken(String);

impl ApiToken {
    /// That token; `None` when it is blank. Blanks around it do not count.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Whether `presented` is this token, in a time that tells nothing about where they differ.
    pub fn is(&self, presented: &str) -> bool {
        Sha256::digest(&self.0).ct_eq(&Sha256::digest(presented)).into()
    }

    /// The token itself: to hand it to its user once, in development mode. Never for a log line.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken(…)")
    }
}

/// Where Redis is, with the passwords that the URL may hold. Its `Debug` is silent.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    /// That URL; `None` when its scheme is not one of Redis. The home reads the rest.
    pub fn new(text: &str) -> Option<Self> {
        let (scheme, _) = text.split_once("://")?;
        let known = matches!(scheme, "redis" | "rediss" | "unix" | "redis+sentinel" | "rediss+sentinel");
        known.then(|| Self(text.to_owned()))
    }

    /// The URL itself: to connect. Never for a message or a log line.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl")
    }
}

/// The addresses whose mails are processed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowlist(BTreeSet<String>);

impl Allowlist {
    /// Reads addresses separated by commas; blanks and empty places do not count.
    pub fn parse(text: &str) -> Self {
        Self(text.split(',').map(|item| item.trim().to_lowercase()).filter(|item| !item.is_empty()).collect())
    }

    /// Whether mails of that sender, in lower case, are processed. An empty list admits everybody.
    pub fn admits(&self, sender: &str) -> bool {
        self.0.is_empty() || self.0.contains(sender)
    }

    /// How many addresses are listed.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is, and everybody is admitted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The least grave log lines to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something was lost or refused.
    Error,
    /// Something needs attention.
    Warn,
    /// What happens.
    Info,
    /// How it happens.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The level's name, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// The least grave lines to write. No line is less grave than [`Level::Debug`].
    pub const fn least(self) -> Level {
        match self {
            Self::Debug | Self::Trace => Level::Debug,
            Self::Info => Level::Info,
            Self::Warn => Level::Warn,
            Self::Error => Level::Error,
        }
    }
}

/// The address a server is reached at: a scheme, a host and perhaps a path, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
}

impl BaseUrl {
    /// Reads such an address; `None` when it is not http or https, or has a query, a fragment or user information.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let plain =
            url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
        let host = url.host_str().filter(|_| plain && matches!(url.scheme(), "http" | "https"))?;
        Some(Self { host: host.to_owned(), text: url.as_str().trim_end_matches('/').to_owned() })
    }

    /// The address, to which a path beginning with a slash can be appended.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host, in lower case.
    pub fn host(&self) -> &str {
        &self.host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_compared_whole_and_never_shown() {
        let token = ApiToken::new(" s3cret ").unwrap();
        assert!(token.is("s3cret"));
        for other in ["", "s3cre", "s3crett", "S3cret", " s3cret ", "é"] {
            assert!(!token.is(other), "{other:?}");
        }
        assert!(!format!("{token:?}").contains("s3cret"));
        assert_eq!(ApiToken::new("  "), None);
    }

    #[test]
    fn the_allowlist_compares_whole_addresses() {
        let list = Allowlist::parse(" A@B.fr, ,c@d.fr ");
        assert_eq!(list.len(), 2);
        assert!(list.admits("a@b.fr"));
        assert!(!list.admits("x@b.fr") && !list.admits("b.fr") && !list.admits(""));
        assert!(Allowlist::parse(" , ").admits("anybody"));
    }

    #[test]
    fn base_urls() {
        for (text, expected) in [
            ("https://Signal.Test/", Some(("https://signal.test", "signal.test"))),
            ("http://10.0.0.1:8080", Some(("http://10.0.0.1:8080", "10.0.0.1"))),
            ("https://signal.test/hooks/", Some(("https://signal.test/hooks", "signal.test"))),
            ("signal.test", None),
            ("ftp://signal.test", None),
            ("https://u:p@signal.test", None),
            ("https://signal.test/?a=1", None),
            ("https://signal.test/#a", None),
        ] {
            let base = BaseUrl::parse(text);
            assert_eq!(base.as_ref().map(|base| (base.as_str(), base.host())), expected, "{text:?}");
        }
    }
}
