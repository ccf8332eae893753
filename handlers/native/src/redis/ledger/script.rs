//! The steps of the ledger as scripts.

use super::migrate::SCHEMA_VERSION;
use redis::{Script, ScriptInvocation};
use std::sync::OnceLock;

const PRELUDE: &str = include_str!("../lua/prelude.lua");
const DELIVERIES: &str = include_str!("../lua/deliveries.lua");
const CLOSE: &str = include_str!("../lua/close.lua");

/// What a step does to the store, which says what a full one still runs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Effect {
    /// It adds: a store that is out of memory refuses it before it begins.
    Adds,
    /// It finishes or frees work: a full store still runs it, or nothing would ever leave.
    Finishes,
    /// It only reads.
    Reads,
}

/// What of the common text a step begins with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Parts {
    /// Nothing: the text is the whole script.
    Bare,
    /// Rows, events, the schedule and mails.
    Mails,
    /// These, and deliveries.
    Deliveries,
}

/// One step: a script that Redis runs alone, by its digest.
pub(crate) struct Step {
    effect: Effect,
    parts: Parts,
    text: &'static str,
    script: OnceLock<Script>,
}

impl Step {
    /// A step with a text of its own.
    pub(crate) const fn new(effect: Effect, parts: Parts, text: &'static str) -> Self {
        Self { effect, parts, text, script: OnceLock::new() }
    }

    /// A call of it, still without keys and arguments.
    pub(crate) fn invocation(&self) -> ScriptInvocation<'_> {
        self.script.get_or_init(|| Script::new(&self.whole())).prepare_invoke()
    }

    /// The script. Its changes are collected and written when the step's own text is over.
    fn whole(&self) -> String {
        let flags = match self.effect {
            Effect::Adds => "#!lua",
            Effect::Finishes => "#!lua flags=allow-oom",
            Effect::Reads => "#!lua flags=no-writes",
        };
        let own = self.text;
        let before = match self.parts {
            Parts::Bare => return format!("{flags}\n{own}"),
            Parts::Mails => PRELUDE.to_owned(),
            Parts::Deliveries => format!("{PRELUDE}\n{DELIVERIES}"),
        };
        format!(
            "{flags}\nlocal SCHEMA = {SCHEMA_VERSION}\n{before}\n{CLOSE}\nlocal function step()\n{own}\nend\nlocal answer = step()\nflush()\nreturn answer\n"
        )
    }
}
