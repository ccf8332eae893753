//! The three transfer services, and which hosts are theirs.

use serde::{Deserialize, Serialize};

/// A service whose links are deliveries. Written in lower case wherever it is shown or stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// `dropbox.com`
    Dropbox,
    /// `fromsmash.com`
    FromSmash,
    /// `swisstransfer.com`
    SwissTransfer,
}

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 3] = [Self::Dropbox, Self::FromSmash, Self::SwissTransfer];

    /// The name in payloads, object keys and rules.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dropbox => "dropbox",
            Self::FromSmash => "fromsmash",
            Self::SwissTransfer => "swisstransfer",
        }
    }

    /// The domain that is the provider's, with all its subdomains.
    pub fn domain(self) -> &'static str {
        match self {
            Self::Dropbox => "dropbox.com",
            Self::FromSmash => "fromsmash.com",
            Self::SwissTransfer => "swisstransfer.com",
        }
    }

    /// The provider a host belongs to, in any case. Only plain ASCII names are looked at: an international spelling, a
    /// percent escape or a trailing dot is nobody's.
    pub fn of_host(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        Self::ALL.into_iter().find(|provider| match host.strip_suffix(provider.domain()) {
            Some("") => true,
            Some(sub) => sub.strip_suffix('.').is_some_and(|labels| labels.split('.').all(is_label)),
            None => false,
        })
    }
}

impl core::fmt::Display for Provider {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_domain_and_what_is_under_it() {
        let ours = [
            ("dropbox.com", Provider::Dropbox),
            ("WWW.DropBox.com", Provider::Dropbox),
            ("dl.dropbox.com", Provider::Dropbox),
            ("paris.fromsmash.com", Provider::FromSmash),
            ("a.b-c.swisstransfer.com", Provider::SwissTransfer),
        ];
        for (host, provider) in ours {
            assert_eq!(Provider::of_host(host), Some(provider), "{host}");
        }
        let others = [
            "",
            "com",
            "dropbox.community",
            "dropbox.com.evil.tld",
            "notdropbox.com",
            ".dropbox.com",
            "a..dropbox.com",
            "dropbox.com.",
            "evil.tld/.dropbox.com",
            "a%2edropbox.com",
            "drópbox.com",
            "wetransfer.com",
            "a_b.dropbox.com",
        ];
        for host in others {
            assert_eq!(Provider::of_host(host), None, "{host}");
        }
    }

    #[test]
    fn one_name_everywhere() {
        for provider in Provider::ALL {
            assert_eq!(serde_json::to_string(&provider).unwrap(), format!("\"{provider}\""));
        }
    }
}
