//! Why a link is not a source.

/// Why a link cannot be fetched from. All of them are the fault of whoever wrote it; trying again changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.code())]
pub enum SourceRefusal {
    /// No http or https URL: another scheme, none, a port that is no number, a name no parser takes.
    NotAUrl,
    /// A user name or password before the host. No provider uses them, and they disguise hosts.
    Userinfo,
    /// A URL without a host.
    DomainMissing,
    /// A host that no provider answers under.
    DomainNotAllowed,
}

impl SourceRefusal {
    /// Every refusal, for lists of codes.
    pub const ALL: [Self; 4] = [Self::NotAUrl, Self::Userinfo, Self::DomainMissing, Self::DomainNotAllowed];

    /// The stable code of the log and of the list of files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAUrl => "source_not_a_url",
            Self::Userinfo => "source_userinfo",
            Self::DomainMissing => "source_domain_missing",
            Self::DomainNotAllowed => "source_domain_not_allowed",
        }
    }
}
