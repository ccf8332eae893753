//! One thread that writes, committing what waits as a group.

use super::StoreClock;
use super::connection::Connection;
use render_signal::calendar::Timestamp;
use render_signal::sql::{SqlError, Store};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Steps that may wait; a caller beyond them waits for a place.
const WAITING: usize = 1024;

/// Steps committed together at most, so that the first of a long queue does not wait for the last.
const GROUP: usize = 256;

/// A step: it runs inside the group's transaction, if that could be begun, and answers its caller once the group is committed,
/// or not.
type Step = Box<dyn FnOnce(Result<&Connection, SqlError>, &StoreClock) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), SqlError>) + Send>;

/// The way to the writer thread. Its fields go in their order: the channel closes, then the thread is waited for.
#[derive(Clone)]
pub(super) struct Writer {
    steps: mpsc::Sender<Step>,
    _thread: Arc<Thread>,
}

/// Waits for the thread when the last handle goes, so that nothing it was given is left undone.
struct Thread(Option<std::thread::JoinHandle<()>>);

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection, clock: StoreClock) -> Result<Self, std::io::Error> {
        let (steps, waiting) = mpsc::channel(WAITING);
        let thread =
            std::thread::Builder::new().name("ledger".to_owned()).spawn(move || write(&connection, &clock, waiting))?;
        Ok(Self { steps, _thread: Arc::new(Thread(Some(thread))) })
    }

    /// Runs a step and returns when it is on durable storage.
    pub(super) async fn call<T, E>(
        &self,
        step: impl FnOnce(&Store<'_, Connection>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<SqlError> + Send + 'static,
    {
        self.run(move |connection, now| step(&Store::new(connection, now))).await
    }

    /// The same with the bare connection and the store's time.
    pub(super) async fn run<T, E>(
        &self,
        step: impl FnOnce(&Connection, Timestamp) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<SqlError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let boxed: Step = Box::new(move |begun, clock| {
            let result = begun.map_err(E::from).and_then(|connection| {
                // A fault of ours in one step must not end the thread that all of them need: the step is undone.
                connection.step(|sql| {
                    let run = AssertUnwindSafe(|| step(sql, clock()));
                    catch_unwind(run).unwrap_or_else(|_| Err(SqlError("the step panicked".to_owned()).into()))
                })
            });
            Box::new(move |committed| {
                // A caller that went away does not hear of it; its step stands all the same.
                let _ = answer.send(match committed {
                    Ok(()) => result,
                    Err(error) => Err(error.into()),
                });
            })
        });
        let gone = || E::from(SqlError("the writer has stopped".to_owned()));
        self.steps.send(boxed).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("waiting", &WAITING.saturating_sub(self.steps.capacity()))
            .finish_non_exhaustive()
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

fn write(connection: &Connection, clock: &StoreClock, mut waiting: mpsc::Receiver<Step>) {
    while let Some(first) = waiting.blocking_recv() {
        if let Err(error) = connection.command("BEGIN IMMEDIATE") {
            first(Err(error.clone()), clock)(Err(error));
            continue;
        }
        let mut answers = vec![first(Ok(connection), clock)];
        while answers.len() < GROUP
            && let Ok(next) = waiting.try_recv()
        {
            answers.push(next(Ok(connection), clock));
        }
        let committed = connection.command("COMMIT");
        if committed.is_err() {
            // A commit that failed half-way (a full disk) leaves the transaction open.
            let _ = connection.command("ROLLBACK");
        }
        for answer in answers {
            answer(committed.clone());
        }
    }
}
