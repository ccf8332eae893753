//! The variables about keeping and serving.

use crate::config::settings::variable::{
    Form::{Number, Switch, Text},
    Variable,
};

pub(in super::super) const RETENTION_BODY_DAYS: Variable = Variable::new(
    "RETENTION_BODY_DAYS",
    Number(1, 3_650),
    "7",
    "How many days the body of a mail is kept after its end state.",
);

pub(in super::super) const RETENTION_RECORD_DAYS: Variable = Variable::new(
    "RETENTION_RECORD_DAYS",
    Number(1, 3_650),
    "30",
    "How many days the record of a mail is kept after its end state. Not less than `RETENTION_BODY_DAYS`.",
);

pub(in super::super) const PUBLIC_BASE_URL: Variable = Variable::new(
    "PUBLIC_BASE_URL",
    Text("an http or https URL without query"),
    "",
    "The address this server is reached at. Its host is refused as a target. Not set: `RENDER_EXTERNAL_URL`.",
);

pub(in super::super) const RENDER_EXTERNAL_URL: Variable = Variable::new(
    "RENDER_EXTERNAL_URL",
    Text("an http or https URL without query"),
    "",
    "Set by Render: what `PUBLIC_BASE_URL` is when it is not set.",
);

pub(in super::super) const RENDER: Variable = Variable::new(
    "RENDER",
    Switch,
    "false",
    "Set by Render: its disk is lost at each deploy, so the server starts only with a mounted `DATA_DIR` or with `REDIS_URL`.",
)
.native();

pub(in super::super) const PORT: Variable = Variable::new(
    "PORT",
    Number(1, 65_535),
    "",
    "The port to listen on, at every address (`0.0.0.0`). Not set: `127.0.0.1:8080`, development mode.",
)
.native();

pub(in super::super) const BIND: Variable = Variable::new(
    "BIND",
    Text("an IP address, perhaps with a port"),
    "",
    "The address to listen on. It overrides the address that `PORT` implies, and `PORT` itself when it has a port.",
)
.native();

pub(in super::super) const DATA_DIR: Variable =
    Variable::new("DATA_DIR", Text("a path"), "./data", "The directory of the embedded store.").native();

pub(in super::super) const REDIS_URL: Variable = Variable::new(
    "REDIS_URL",
    Text("a URL: redis, rediss, unix, redis+sentinel or rediss+sentinel"),
    "",
    "The Redis that several servers share as their store. Not set: the embedded store.",
)
.hidden()
.native();

pub(in super::super) const ALLOW_VOLATILE_REDIS: Variable = Variable::new(
    "ALLOW_VOLATILE_REDIS",
    Switch,
    "false",
    "Takes mails although Redis may lose them. Without it they are answered 503 `store_not_durable`.",
)
.native();

pub(in super::super) const REDIS_LOCK_TTL_SECONDS: Variable = Variable::new(
    "REDIS_LOCK_TTL_SECONDS",
    Number(15, 3_600),
    "300",
    "How long the background sweep of servers that share a Redis may rest after the one that did it died.",
)
.native();

pub(in super::super) const BG_POLLER_LOCK_FILE: Variable = Variable::new(
    "BG_POLLER_LOCK_FILE",
    Text("a path"),
    "",
    "The file locked for the sweep when Redis refuses its lock. Not set: `poller.lock` in `DATA_DIR`.",
)
.native();

pub(in super::super) const LOG_LEVEL: Variable = Variable::new(
    "LOG_LEVEL",
    Text("error, warn, info, debug or trace"),
    "info",
    "The least grave log lines to write. `critical` and `warning` are read as `error` and `warn`.",
)
.formerly(&["FLASK_LOG_LEVEL"]);

pub(in super::super) const DNS_QUERY_URL: Variable = Variable::new(
    "DNS_QUERY_URL",
    Text("an https URL"),
    "https://cloudflare-dns.com/dns-query",
    "The resolver asked whether an address is Google's, by DNS over HTTPS in its JSON form.",
)
.worker();

pub(in super::super) const DNS_SERVER: Variable = Variable::new(
    "DNS_SERVER",
    Text("an IP address, perhaps with a port"),
    "",
    "The resolver asked for the addresses of targets. Not set: the system's.",
)
.native();
