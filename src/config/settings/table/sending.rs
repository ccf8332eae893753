//! The variables about sending webhooks.

use crate::config::settings::variable::{
    Form::{Switch, Text, Time},
    Variable,
};

pub(in super::super) const WEBHOOK_URL: Variable = Variable::new(
    "WEBHOOK_URL",
    Text("an https URL"),
    "",
    "The default target, when the document `webhook_config` names none. Without either, mails wait as `no_target`.",
)
.hidden();

pub(in super::super) const WEBHOOK_SECRET: Variable = Variable::new(
    "WEBHOOK_SECRET",
    Text("a Standard Webhooks secret"),
    "",
    "Signs every delivery. Not set: they are sent without a signature.",
)
.hidden();

pub(in super::super) const WEBHOOK_SECRET_PREVIOUS: Variable = Variable::new(
    "WEBHOOK_SECRET_PREVIOUS",
    Text("a Standard Webhooks secret"),
    "",
    "The secret before the current one: both sign while receivers change over.",
)
.hidden();

pub(in super::super) const WEBHOOK_SENDING_ENABLED: Variable = Variable::new(
    "WEBHOOK_SENDING_ENABLED",
    Switch,
    "true",
    "Whether anything is sent, when `webhook_config` does not say. While it is off, the Gmail intake answers 409.",
);

pub(in super::super) const WEBHOOK_DELIVERY_MODE: Variable = Variable::new(
    "WEBHOOK_DELIVERY_MODE",
    Text("json or form"),
    "json",
    "Under which media type the JSON body is sent, when `webhook_config` does not say.",
);

pub(in super::super) const WEBHOOK_FALLBACK_ON_415: Variable = Variable::new(
    "WEBHOOK_FALLBACK_ON_415",
    Switch,
    "true",
    "Whether a 415 is answered with the other media type at once, when `webhook_config` does not say.",
);

pub(in super::super) const WEBHOOK_SSL_VERIFY: Variable = Variable::new(
    "WEBHOOK_SSL_VERIFY",
    Switch,
    "true",
    "Whether the certificates of targets are verified, when `webhook_config` does not say. A Worker always verifies.",
)
.native();

pub(in super::super) const ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS: Variable = Variable::new(
    "ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS",
    Switch,
    "false",
    "Whether a mail that no rule and no detector matched is sent although it holds no provider link. The stored flag \
     `allow_custom_webhook_without_links` wins over it.",
);

pub(in super::super) const ALLOW_LOOPBACK_TARGETS: Variable = Variable::new(
    "ALLOW_LOOPBACK_TARGETS",
    Switch,
    "false",
    "Admits `http://127.0.0.1:*` as a target. For development and tests only.",
);

pub(in super::super) const WEBHOOKS_TIME_START: Variable = Variable::new(
    "WEBHOOKS_TIME_START",
    Time,
    "",
    "When the sending window opens. It fills a side that `webhook_config` leaves empty.",
)
.formerly(&["WEBHOOK_TIME_START"]);

pub(in super::super) const WEBHOOKS_TIME_END: Variable = Variable::new(
    "WEBHOOKS_TIME_END",
    Time,
    "",
    "When the sending window closes; that minute is outside. It fills a side that `webhook_config` leaves empty.",
)
.formerly(&["WEBHOOK_TIME_END"]);

pub(in super::super) const POLLING_TIMEZONE: Variable = Variable::new(
    "POLLING_TIMEZONE",
    Text("an IANA time zone"),
    "Europe/Paris",
    "The zone of every question about hours and weekdays. An unknown name stops the start.",
);
