//! The ledger on Redis keeps the port's contract.

mod contract;
mod desk;
mod home;
mod retention;
mod search;
mod space;
