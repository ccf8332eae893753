//! The use cases, over the ports: take a mail, decide about it, deliver it, sweep.
//!
//! A flow holds the order of steps and nothing else: what a step decides stands in the modules of the domain, what it does to
//! the world in the ports. Every flow may be cut off at any `await`; the ledger makes that harmless.

mod configuration;
mod decide;
mod deliver;
mod gate;
mod ingest;
mod process;
mod sweep;
mod work;

pub use configuration::{current, refresh, ConfigCache};
pub use decide::{decide, Decision};
pub use gate::{may_send, Closed};
pub use ingest::{ingest, Ingested, IngestError};
pub use sweep::sweep;
pub use work::{lease_request, run, PER_TARGET};

#[cfg(test)]
mod tests;
