//! Why a URL is not admitted as a target.

/// Why a URL is not admitted. All of them are the fault of whoever typed or stored it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.code())]
pub enum UrlRefusal {
    /// Empty, no host, or not a URL.
    Malformed,
    /// Longer than 2,048 bytes.
    TooLong,
    /// Another scheme than https.
    NotHttps,
    /// A user name or password before the host.
    Userinfo,
    /// A host kept for examples.
    Placeholder,
    /// A name without a dot, or one that only a local network knows.
    LocalName,
    /// A private, loopback, link-local or otherwise special address.
    ForbiddenAddress,
    /// This service itself.
    OwnHost,
}

impl UrlRefusal {
    /// Every refusal, for lists of codes.
    pub const ALL: [Self; 8] = [
        Self::Malformed,
        Self::TooLong,
        Self::NotHttps,
        Self::Userinfo,
        Self::Placeholder,
        Self::LocalName,
        Self::ForbiddenAddress,
        Self::OwnHost,
    ];

    /// The stable code of the answer and of the log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "url_malformed",
            Self::TooLong => "url_too_long",
            Self::NotHttps => "url_not_https",
            Self::Userinfo => "url_userinfo",
            Self::Placeholder => "url_placeholder",
            Self::LocalName => "url_local_name",
            Self::ForbiddenAddress => "url_forbidden_address",
            Self::OwnHost => "url_own_host",
        }
    }

    /// The message a client shows; where the predecessor had one, literally its own.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Malformed | Self::NotHttps => "webhook_url doit être une URL HTTPS valide.",
            Self::TooLong => "webhook_url est trop longue (2048 caractères au plus).",
            Self::Userinfo => "webhook_url ne peut pas contenir d'identifiants (utilisateur ou mot de passe).",
            Self::Placeholder => "webhook_url ne peut pas être une URL placeholder (ex: example.com).",
            Self::LocalName => "webhook_url doit désigner un nom d'hôte public.",
            Self::ForbiddenAddress => "L'URL pointe vers une adresse réseau interdite (IP privée/locale)",
            Self::OwnHost => "webhook_url ne peut pas désigner ce service lui-même.",
        }
    }
}
