//! Being nudged, and the queue of nudges that nobody could act on.

use super::message::is_nudge;
use crate::events::{AT_ONCE, ROUNDS};
use crate::home::{Event, WorkerHome, shared};
use crate::system::ConsoleJournal;
use render_signal::flow::drain;
use render_signal::ports::{Journal as _, Level, Line};
use worker::{Context, Env, MessageBatch, MessageExt, QueueRetryOptionsBuilder, RawMessage, Result, event};

/// What the dead-letter queue of every environment has in its name, and no other queue by chance.
const DEAD: &str = "-nudges-dead";

/// The pause before a nudge is delivered again when the ledger did not answer, in seconds.
const RETRY_SECONDS: u32 = 10;

/// Works on what is due. Never returns an error: the macro would make a panic of it.
#[event(queue)]
async fn queue(batch: MessageBatch<String>, env: Env, _context: Context) -> Result<()> {
    if batch.queue().contains(DEAD) {
        batch.raw_iter().for_each(|message| bury(&message));
        return Ok(());
    }
    let (nudges, poisoned): (Vec<_>, Vec<_>) = batch.raw_iter().partition(|message| is_nudge(&message.body()));
    poisoned.iter().for_each(drop_poisoned);
    if nudges.is_empty() {
        return Ok(());
    }
    #[cfg(feature = "test-build")]
    crate::testing::pass(crate::testing::Point::Queue);
    if work(&env).await {
        nudges.iter().for_each(RawMessage::ack);
    } else {
        let later = QueueRetryOptionsBuilder::new().with_delay_seconds(RETRY_SECONDS).build();
        for message in &nudges {
            message.retry_with_options(&later);
        }
    }
    Ok(())
}

/// Drains what is due. `false` when the ledger could not be asked; the log says why.
async fn work(env: &Env) -> bool {
    let Some(shared) = shared(env) else { return false };
    let drained = match WorkerHome::new(env, shared, Event::Background) {
        Ok(home) => drain(&home, AT_ONCE, ROUNDS).await.map(drop).map_err(|error| (error.code(), error.to_string())),
        Err(error) => Err(("internal_error", error.to_string())),
    };
    if let Err((code, cause)) = &drained {
        let line = Line::new(Level::Error, "queue", code, "QUEUE: the ledger did not answer; the nudge comes again");
        ConsoleJournal.log(line.with_cause(cause));
    }
    drained.is_ok()
}

/// A message that was not sent by us, or by a version that speaks otherwise. The work it may have meant stays on the schedule.
fn drop_poisoned(message: &RawMessage) {
    log(message, "poisoned_message", "QUEUE: a message could not be read and was dropped");
    message.ack();
}

/// A nudge that failed as often as it may. What it was for is still on the schedule, and said again by the alarm.
fn bury(message: &RawMessage) {
    log(message, "dead_message", "QUEUE: a nudge was given up");
    message.ack();
}

fn log(message: &RawMessage, code: &'static str, msg: &'static str) {
    let line = Line::new(Level::Error, "queue", code, msg);
    ConsoleJournal.log(line.with_cause(&format_args!("message {}", message.id())));
}
