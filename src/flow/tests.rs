//! The flows, on the home in memory.

mod alone;
mod deliver;
mod drain;
mod faults;
mod gate;
mod ingest;
mod leases;
mod release;
mod routing;
mod sweep;
mod window;
mod world;

use world::{DESABO, JOB, JOB_BODY, LINK, World, mail};
