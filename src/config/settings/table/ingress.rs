//! The variables about taking mails in.

use crate::config::settings::variable::{
    Form::{Number, Switch, Text},
    Variable,
};

pub(in super::super) const PROCESS_API_TOKEN: Variable = Variable::new(
    "PROCESS_API_TOKEN",
    Text("any text"),
    "",
    "The bearer token a mailbox client sends to `/api/ingress/gmail`.",
)
.hidden()
.needed();

pub(in super::super) const PROCESS_API_TOKEN_PREVIOUS: Variable = Variable::new(
    "PROCESS_API_TOKEN_PREVIOUS",
    Text("any text"),
    "",
    "The token before the current one, still accepted while clients change over.",
)
.hidden();

pub(in super::super) const GMAIL_SENDER_ALLOWLIST: Variable = Variable::new(
    "GMAIL_SENDER_ALLOWLIST",
    Text("addresses separated by commas"),
    "",
    "The only sender addresses whose mails are processed, compared whole and in lower case. Not set: every sender.",
);

pub(in super::super) const GMAIL_INGRESS_IP_CHECK_ENABLED: Variable = Variable::new(
    "GMAIL_INGRESS_IP_CHECK_ENABLED",
    Switch,
    "false",
    "Takes mails only from addresses whose reverse name is Google's. Behind a proxy it needs `TRUSTED_PROXY`.",
);

pub(in super::super) const TRUSTED_PROXY: Variable = Variable::new(
    "TRUSTED_PROXY",
    Text("none, cloudflare, render, or a number of proxies from 1 to 16"),
    "none",
    "Whose word is taken for the address of a client. A Worker always takes Cloudflare's.",
)
.native();

pub(in super::super) const INGRESS_RATE_PER_MINUTE: Variable = Variable::new(
    "INGRESS_RATE_PER_MINUTE",
    Number(0, 100_000),
    "0",
    "How many pushes a minute are taken before the answer is 429. 0: no limit.",
);

pub(in super::super) const DISABLE_EMAIL_ID_DEDUP: Variable = Variable::new(
    "DISABLE_EMAIL_ID_DEDUP",
    Switch,
    "false",
    "Processes a mail again each time it is sent. The stored flag `disable_email_id_dedup` wins over it.",
);

pub(in super::super) const ENABLE_SUBJECT_GROUP_DEDUP: Variable = Variable::new(
    "ENABLE_SUBJECT_GROUP_DEDUP",
    Switch,
    "false",
    "Processes only the first mail of a subject group (the same lot, or the same subject without `Re:`) in a month.",
);

pub(in super::super) const SUBJECT_GROUP_TTL_SECONDS: Variable = Variable::new(
    "SUBJECT_GROUP_TTL_SECONDS",
    Number(0, 2_592_000),
    "0",
    "How long a subject group is remembered, in seconds. 0: 30 days, as any other claim.",
);
