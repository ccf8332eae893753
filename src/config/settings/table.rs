//! The one table of environment variables: it drives the reader, `--help`, the `check` report and the test that holds
//! the documentation to it. A variable that nothing reads is not here.

mod documents;
mod ingress;
mod sending;
mod server;

pub(super) use documents::*;
pub(super) use ingress::*;
pub(super) use sending::*;
pub(super) use server::*;

use super::variable::Variable;

/// Every variable, in the order shown to users.
pub const VARIABLES: [&Variable; 40] = [
    &PROCESS_API_TOKEN,
    &PROCESS_API_TOKEN_PREVIOUS,
    &GMAIL_SENDER_ALLOWLIST,
    &GMAIL_INGRESS_IP_CHECK_ENABLED,
    &TRUSTED_PROXY,
    &INGRESS_RATE_PER_MINUTE,
    &DISABLE_EMAIL_ID_DEDUP,
    &ENABLE_SUBJECT_GROUP_DEDUP,
    &SUBJECT_GROUP_TTL_SECONDS,
    &WEBHOOK_URL,
    &WEBHOOK_SECRET,
    &WEBHOOK_SECRET_PREVIOUS,
    &WEBHOOK_SENDING_ENABLED,
    &WEBHOOK_DELIVERY_MODE,
    &WEBHOOK_FALLBACK_ON_415,
    &WEBHOOK_SSL_VERIFY,
    &ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS,
    &ALLOW_LOOPBACK_TARGETS,
    &WEBHOOKS_TIME_START,
    &WEBHOOKS_TIME_END,
    &POLLING_TIMEZONE,
    &RETENTION_BODY_DAYS,
    &RETENTION_RECORD_DAYS,
    &PUBLIC_BASE_URL,
    &RENDER_EXTERNAL_URL,
    &RENDER,
    &PORT,
    &BIND,
    &DATA_DIR,
    &REDIS_URL,
    &ALLOW_VOLATILE_REDIS,
    &REDIS_LOCK_TTL_SECONDS,
    &BG_POLLER_LOCK_FILE,
    &CONFIG_STORE_MODE,
    &CONFIG_STORE_REDIS_PREFIX,
    &EXTERNAL_CONFIG_BASE_URL,
    &CONFIG_API_TOKEN,
    &LOG_LEVEL,
    &DNS_SERVER,
    &DNS_QUERY_URL,
];

/// A variable that changes nothing here, but that a container of the predecessor may carry: its user is told so.
#[derive(Debug, Clone, Copy)]
pub struct Unused {
    /// The name it is looked for by.
    pub name: &'static str,
    /// What its user has to know.
    pub warning: &'static str,
}

/// Every variable that is looked for only to say that it has no effect.
pub const UNUSED: [Unused; 3] = [
    Unused {
        name: "RECADRAGE_MAKE_WEBHOOK_URL",
        warning: "has no effect: set the target of detector `recadrage` in the document `detectors` instead",
    },
    Unused {
        name: "AUTOREPONDEUR_MAKE_WEBHOOK_URL",
        warning: "has no effect: set the target of detector `desabo` in the document `detectors` instead",
    },
    Unused {
        name: "CONFIG_STORE_DISABLE_REDIS",
        warning: "has no effect: with REDIS_URL the documents are in Redis, or behind `php_first`",
    },
];
