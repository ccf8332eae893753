//! The core's queue port.

use super::send;
use crate::home::Event;
use crate::system::ConsoleJournal;
use core::cell::Cell;
use render_signal::ports::{Journal as _, Level, Line, Queue};
use worker::Env;

/// The nudges of one event.
pub(crate) struct Nudges {
    env: Env,
    event: Event,
    wanted: Cell<bool>,
}

impl Nudges {
    pub(crate) fn new(env: &Env, event: Event) -> Self {
        Self { env: env.clone(), event, wanted: Cell::new(false) }
    }

    /// Whether somebody is to be woken once the answer is on its way.
    pub(crate) fn wanted(&self) -> bool {
        self.wanted.get()
    }

    /// Wakes somebody. `false` when the queue did not take the message; the log says why.
    pub(crate) async fn send(&self) -> bool {
        match send(&self.env, vec![None]).await {
            Ok(()) => true,
            Err(error) => {
                let line = Line::new(Level::Warn, "queue", "queue_unavailable", "QUEUE: a nudge could not be sent");
                ConsoleJournal.log(line.with_cause(&error));
                false
            }
        }
    }
}

impl Queue for Nudges {
    async fn nudge(&self) {
        match self.event {
            Event::Request => self.wanted.set(true),
            // One that is lost is repeated by the ledger's alarm.
            Event::Background => {
                self.send().await;
            }
        }
    }
}
