//! The variables about where the configuration documents are kept.

use crate::config::settings::variable::{Form::Text, Variable};

pub(in super::super) const CONFIG_STORE_MODE: Variable = Variable::new(
    "CONFIG_STORE_MODE",
    Text("redis_first or php_first"),
    "redis_first",
    "Where the documents are written: to Redis, or to the external backend. Reading falls back to the other one.",
)
.native();

pub(in super::super) const CONFIG_STORE_REDIS_PREFIX: Variable = Variable::new(
    "CONFIG_STORE_REDIS_PREFIX",
    Text("any text"),
    "r:ss:config:",
    "What the names of the documents' keys in Redis begin with.",
)
.native();

pub(in super::super) const EXTERNAL_CONFIG_BASE_URL: Variable = Variable::new(
    "EXTERNAL_CONFIG_BASE_URL",
    Text("an https URL without query"),
    "",
    "The external backend of the documents: the URL below which `config_api.php` lies.",
)
.native();

pub(in super::super) const CONFIG_API_TOKEN: Variable =
    Variable::new("CONFIG_API_TOKEN", Text("any text"), "", "The bearer token sent to the external backend.")
        .hidden()
        .native();
