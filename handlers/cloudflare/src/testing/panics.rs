//! Panics on command, at points of the Worker's own code.

use core::sync::atomic::{AtomicU8, Ordering};
use worker::{Response, Result};

/// Where a panic can be provoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// The ledger object, inside its transaction, once the step has written what it writes.
    Ledger,
    /// The ledger object, before it looks at a call.
    Object,
    /// The queue's consumer, before it works on a message.
    Queue,
}

impl Point {
    const ALL: [(&'static str, Self); 3] = [("ledger", Self::Ledger), ("object", Self::Object), ("queue", Self::Queue)];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The points that are armed.
static ARMED: AtomicU8 = AtomicU8::new(0);

/// Panics when the point is armed, once.
pub(crate) fn pass(point: Point) {
    let armed = ARMED.fetch_and(!point.bit(), Ordering::Relaxed) & point.bit() != 0;
    assert!(!armed, "provoked at {point:?}");
}

/// Arms a point, or only looks at it. Answers whether it is armed now.
pub(super) fn set(point: &str, arm: bool) -> Result<Response> {
    let Some((_, point)) = Point::ALL.iter().find(|(name, _)| *name == point) else {
        return Response::error("no such point", 400);
    };
    if arm {
        ARMED.fetch_or(point.bit(), Ordering::Relaxed);
    }
    let armed = ARMED.load(Ordering::Relaxed) & point.bit() != 0;
    Response::ok(if armed { "armed" } else { "passed" })
}

#[expect(clippy::panic, reason = "this is what it is for")]
pub(super) fn now() -> Result<Response> {
    panic!("provoked in a request");
}
