//! The use cases, over the ports: take a mail, decide about it, deliver it, sweep.
//!
//! A flow holds the order of steps and nothing else: what a step decides stands in the modules of the domain, what it does to
//! the world in the ports. Every flow may be cut off at any `await`; the ledger makes that harmless.

mod alone;
mod configuration;
mod decide;
mod deliver;
mod drain;
mod gate;
mod ingest;
mod places;
mod process;
mod sweep;
mod work;

pub use alone::{Post, alone};
pub use configuration::{ConfigCache, Standing, current, refresh};
pub use decide::{Decision, Destination, Fate, decide};
pub use drain::drain;
pub use gate::{Closed, may_send};
pub use ingest::{IngestError, Ingested, ingest};
pub use sweep::{Round, sweep};
pub use work::{PER_TARGET, lease, lease_request, run};

#[cfg(test)]
mod tests;
