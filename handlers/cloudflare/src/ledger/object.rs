//! The object that holds rows, claims, schedule and leases.

use super::alarm::Alarm;
use crate::answering::{answer, prepare, read};
use crate::queue;
use crate::storage::{ObjectSql, transaction};
use crate::system::{ConsoleJournal, WorkerClock};
use core::fmt::Display;
use js_sys::futures::JsFuture;
use render_signal::calendar::Timestamp;
use render_signal::ledger::LedgerError;
use render_signal::ports::{Journal as _, Level, Line};
use render_signal::sql::{Call, FIRST_SILENCE, Overdue, Store, Tables};
use worker::{DurableObject, Env, Request, Response, Result, State, Storage, durable_object};

/// Messages in one batch, the queue's limit. What is more makes the alarm ring again at once.
const MOST: u32 = 100;

/// One object for the whole ledger: what is decided here is decided once.
#[durable_object(alarm)]
pub struct Ledger {
    state: State,
    env: Env,
    alarm: Alarm,
    /// Why the tables could not be prepared, told to every caller.
    broken: Option<String>,
}

impl DurableObject for Ledger {
    fn new(state: State, env: Env) -> Self {
        let broken = prepare(&state.storage(), Tables::Ledger);
        Self { state, env, alarm: Alarm::default(), broken }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        if let Some(broken) = &self.broken {
            return Response::error(broken.clone(), 500);
        }
        #[cfg(feature = "test-build")]
        crate::testing::pass(crate::testing::Point::Object);
        if self.alarm.is_unknown() {
            self.arm_at_start().await;
        }
        match request.path().as_str() {
            "/wake" => {
                self.wake().await;
                self.round(request).await
            }
            "/size" => Response::ok(self.state.storage().sql().database_size().to_string()),
            _ => match read(request).await? {
                Ok(call) => self.answer(call).await,
                Err(refusal) => Ok(refusal),
            },
        }
    }

    /// Never fails: the platform would repeat it a few times and then forget it.
    async fn alarm(&self) -> Result<Response> {
        if self.broken.is_none() {
            self.wake().await;
        }
        Response::empty()
    }
}

impl Ledger {
    /// Keeps the round of the sweep that a request brings; without one, answers with what was kept last.
    async fn round(&self, mut request: Request) -> Result<Response> {
        let storage = self.state.storage();
        let brought = request.text().await?;
        if brought.is_empty() {
            let kept = JsFuture::from(storage.as_raw().get("round")?).await?;
            return Response::ok(kept.as_string().unwrap_or_default());
        }
        storage.put_raw("round", brought).await?;
        Response::empty()
    }

    /// Runs a call and, in the same turn, has the alarm ring when somebody must be woken for what it left.
    async fn answer(&self, call: Call) -> Result<Response> {
        let now = WorkerClock::time();
        let storage = self.state.storage();
        let wakes = call.wakes_from(now).is_some_and(|from| self.alarm.is_later_than(from, now));
        let (response, wake) = answer(&storage, now, call, move |store| {
            #[cfg(feature = "test-build")]
            crate::testing::pass(crate::testing::Point::Ledger);
            wakes.then(|| store.next_wake())
        });
        if let Some(Some(wake)) = wake {
            self.arm(&storage, wake, now).await;
        }
        response
    }

    /// An object that starts, for whatever reason, knows nothing of its alarm: one that was lost is armed again here.
    async fn arm_at_start(&self) {
        let storage = self.state.storage();
        let now = WorkerClock::time();
        let sql = ObjectSql(storage.sql());
        self.arm(&storage, Store::new(&sql, now).next_wake(), now).await;
    }

    async fn arm(&self, storage: &Storage, wake: core::result::Result<Option<Timestamp>, LedgerError>, now: Timestamp) {
        let wake = wake.unwrap_or_else(|error| {
            unheard(&error);
            Some(now.plus(FIRST_SILENCE))
        });
        if let Err(error) = self.alarm.arm(storage, wake, now).await {
            unheard(&error);
        }
    }

    /// Arms the alarm, then has a worker woken for each item that is overdue. What cannot be done is said in the log, and
    /// the alarm is set to try it again.
    async fn wake(&self) {
        let storage = self.state.storage();
        let now = WorkerClock::time();
        if let Err(error) = self.alarm.set(&storage, now.plus(FIRST_SILENCE), now).await {
            unheard(&error);
        }
        let overdue = match self.take_overdue(now) {
            Ok(overdue) => overdue,
            Err(error) => return unheard(&error),
        };
        let armed = match overdue.next_wake {
            Some(wake) => self.alarm.set(&storage, wake, now).await,
            None => self.alarm.clear(&storage).await,
        };
        armed.unwrap_or_else(|error| unheard(&error));
        if !overdue.work.is_empty()
            && let Err(error) = queue::send(&self.env, overdue.work.into_iter().map(Some).collect()).await
        {
            let line = Line::new(Level::Warn, "alarm", "queue_unavailable", "ALARM: the nudges could not be sent");
            ConsoleJournal.log(line.with_cause(&error));
        }
    }

    fn take_overdue(&self, now: Timestamp) -> core::result::Result<Overdue, String> {
        let storage = self.state.storage();
        let sql = ObjectSql(storage.sql());
        transaction(&storage, move || Store::new(&sql, now).overdue(MOST)).map_err(|undone| undone.to_string())
    }
}

/// Somebody may not be woken in time; the cron is the next to look.
fn unheard(error: &dyn Display) {
    let line = Line::new(Level::Error, "alarm", "alarm_failed", "ALARM: it could not be set for what is due");
    ConsoleJournal.log(line.with_cause(&error));
}
