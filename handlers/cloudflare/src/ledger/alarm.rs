//! The object's alarm: one instant at which the platform wakes it.

use core::cell::Cell;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use render_signal::calendar::Timestamp;
use worker::{Result, Storage};

/// An alarm that is so late was lost: it is armed again.
const LOST: Duration = Duration::from_mins(1);

/// What is known of the alarm: nothing at the object's start.
#[derive(Debug, Default)]
pub(super) struct Alarm(AssertUnwindSafe<Cell<Known>>);

#[derive(Debug, Default, Clone, Copy)]
enum Known {
    #[default]
    Nothing,
    /// It need not be set.
    Off,
    At(Timestamp),
}

impl Alarm {
    /// Forgets what was known: the next call arms it anew.
    pub(super) fn forget(&self) {
        self.0.set(Known::Nothing);
    }

    /// Whether nothing is known of it.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.0.get(), Known::Nothing)
    }

    /// Whether it may have to be set for something that happens at `wake` or later.
    pub(super) fn is_later_than(&self, wake: Timestamp, now: Timestamp) -> bool {
        match self.0.get() {
            Known::Nothing | Known::Off => true,
            Known::At(at) => wake < at || now.since(at) > LOST,
        }
    }

    /// Sets it to `wake`, unless it is set to an earlier time. Its first poll writes: called in the turn of a transaction, the
    /// platform keeps both or neither.
    pub(super) async fn arm(&self, storage: &Storage, wake: Option<Timestamp>, now: Timestamp) -> Result<()> {
        match wake {
            Some(wake) if self.is_later_than(wake, now) => self.set(storage, wake, now).await,
            Some(_) => Ok(()),
            None => {
                // One that is set all the same wakes the object once, for nothing.
                if self.is_unknown() {
                    self.0.set(Known::Off);
                }
                Ok(())
            }
        }
    }

    /// Sets it to `wake`, whatever it is set to.
    pub(super) async fn set(&self, storage: &Storage, wake: Timestamp, now: Timestamp) -> Result<()> {
        self.0.set(Known::At(wake));
        let set = storage.set_alarm(wake.since(now)).await;
        if set.is_err() {
            self.forget();
        }
        set
    }

    /// Switches it off.
    pub(super) async fn clear(&self, storage: &Storage) -> Result<()> {
        self.0.set(Known::Off);
        storage.delete_alarm().await
    }
}
