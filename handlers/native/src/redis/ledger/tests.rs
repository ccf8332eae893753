//! The ledger on Redis keeps the port's contract.

mod contract;
mod desk;
mod effort;
mod home;
mod hostile;
mod marks;
mod retention;
mod search;
mod space;
