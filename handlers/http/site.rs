//! What the HTTP surface needs of a home beside the core's ports.

use super::{LargeBodies, RateLimit};
use render_signal::ports::{Home, Names};

/// A home that serves HTTP.
pub trait Site: Home {
    /// Its name system, asked only when the Google source check is on.
    type Names: Names;

    /// The name system.
    fn names(&self) -> &Self::Names;

    /// The places for large bodies in memory.
    fn large_bodies(&self) -> &LargeBodies;

    /// The limit on pushes a minute.
    fn ingress_rate(&self) -> &RateLimit;

    /// The name of the home and of its store, for `/health`.
    fn services(&self) -> Service;
}

/// What a home is made of, in words an operator knows.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Service {
    /// `native` or `worker`.
    pub home: &'static str,
    /// `sqlite`, `durable_object`, `memory`, `redis`.
    pub store: &'static str,
    /// Whether the store keeps what it takes.
    #[serde(skip)]
    pub promise: Promise,
}

/// Whether what is taken outlives a power cut, as far as the home knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Promise {
    /// It does.
    #[default]
    Kept,
    /// It may not, and it is taken all the same: the operator wants that.
    Waived,
    /// It may not, and nothing is taken.
    Broken,
    /// It is not known yet, and nothing is taken.
    Unknown,
}
