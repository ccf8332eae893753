//! The ledger on Redis keeps the port's contract.

mod contract;
mod counts;
mod desk;
mod effort;
pub(in crate::redis) mod home;
mod hostile;
mod marks;
mod retention;
mod search;
mod space;
mod walk;
