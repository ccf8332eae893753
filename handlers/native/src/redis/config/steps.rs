//! The scripts of this store, and calling one.

use crate::redis::{Link, LinkError, StoreTime};
use redis::{FromRedisValue, Script, ScriptInvocation};
use render_signal::config::DocumentKey;
use render_signal::ports::ConfigError;

/// A step's script: what every step begins with, the lists of versions it works on, and its own text.
macro_rules! step {
    ($flags:literal, $lists:literal, $step:literal) => {
        redis::Script::new(concat!(
            "#!lua",
            $flags,
            "\n",
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/redis/config/lua/documents.lua")),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/redis/config/lua/", $lists, ".lua")),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/redis/config/lua/", $step, ".lua"))
        ))
    };
}
pub(super) use step;

/// Where the steps are made, under which prefix, and by whose clock. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    link: Link,
    prefix: String,
    time: StoreTime,
}

impl Steps {
    pub(super) fn new(link: Link, prefix: &str, time: StoreTime) -> Self {
        Self { link, prefix: prefix.to_owned(), time }
    }

    /// A call of a script, to which its own arguments are added.
    pub(super) fn call<'a>(&self, script: &'a Script) -> ScriptInvocation<'a> {
        let mut call = script.key(&self.prefix);
        call.arg(self.time.argument());
        call
    }

    /// The same, with the name of every document.
    pub(super) fn call_on_all<'a>(&self, script: &'a Script) -> ScriptInvocation<'a> {
        let mut call = self.call(script);
        for key in DocumentKey::ALL {
            call.arg(key.as_str());
        }
        call
    }

    /// Makes the step. Its answer has the form it must have.
    pub(super) async fn run<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> Result<T, ConfigError> {
        let answer = self.link.run(call).await?;
        redis::from_redis_value(answer).map_err(|error| ConfigError::Unavailable(format!("Redis answered {error}")))
    }
}

impl From<LinkError> for ConfigError {
    fn from(error: LinkError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
